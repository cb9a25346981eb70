"""The synthetic bots: what they tell, when, and to whom it goes."""
