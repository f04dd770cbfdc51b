"""Starting Spark: Java, jars, JVM options, sessions, and its errors in words."""
