"""What everything stands on: catalogue, periods, the model of a submission, findings. Imports no other package."""
