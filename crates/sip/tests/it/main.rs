//! Behaviour of the SIP endpoint, one module per theme.
