"""What EdgeFlow costs on AWS: counted by running its code, priced by one table of list prices."""
