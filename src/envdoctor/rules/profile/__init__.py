"""What the profile asks for, one rule for each kind of demand; they apply only where a profile was named."""
