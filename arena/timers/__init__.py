"""Future acts as rows, and the loop that carries them out."""
