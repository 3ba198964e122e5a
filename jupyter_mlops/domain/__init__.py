"""The nouns of the product: frozen structs, pure rules, state machines. No I/O."""
