"""Who signed what, when, how and with which consent."""
