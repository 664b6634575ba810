"""What the pages read: every function takes rows that `visible_to` has narrowed, or narrows them itself."""
