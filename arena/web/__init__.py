"""Pages: views, forms, middleware."""
