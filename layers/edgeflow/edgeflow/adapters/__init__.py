"""DynamoDB, S3, IoT, Step Functions and SQS. AWS errors become domain errors here."""
