"""What is done to crossid on purpose: mutated media, kills at any moment, disks that fail or forget."""
