"""Check Askfirst consent receipts offline before you measure."""
