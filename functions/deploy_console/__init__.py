"""The custom resource that fills the web console's bucket."""
