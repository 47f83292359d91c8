"""Judge answers, show their cards, and make the scorecard."""
