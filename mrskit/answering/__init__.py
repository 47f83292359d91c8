"""From an answer to its verdict, its card, and the scorecard."""
