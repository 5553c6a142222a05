# Deploys the release of unused-access-refiner with Terraform: its zips and its template go to a bucket, and
# CloudFormation makes the stack. `npm run release` writes them into build/release.
#
# A test reads this file and compares its parameters with the template. It has not been run with Terraform itself.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "release" {
  description = "Folder that npm run release has written"
  type        = string
  default     = "../../build/release"
}

variable "code_bucket" {
  description = "Bucket in the Region of the stack, for the zips and the template"
  type        = string
}

variable "code_prefix" {
  description = "What the keys in the bucket begin with"
  type        = string
  default     = "unused-access-refiner/"
}

variable "email" {
  description = "Address that is notified of proposals and alarms"
  type        = string
}

variable "analyzer_arn" {
  description = "Analyzer of unused access in this account and Region; empty: one is made"
  type        = string
  default     = ""
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary of every role; empty: none"
  type        = string
  default     = ""
}

locals {
  template = "${var.release}/unused-access-refiner.template.json"
}

resource "aws_s3_object" "zip" {
  for_each    = fileset(var.release, "*.zip")
  bucket      = var.code_bucket
  key         = "${var.code_prefix}${each.value}"
  source      = "${var.release}/${each.value}"
  source_hash = filesha256("${var.release}/${each.value}")
}

resource "aws_s3_object" "template" {
  bucket      = var.code_bucket
  key         = "${var.code_prefix}${filesha256(local.template)}.template.json"
  source      = local.template
  source_hash = filesha256(local.template)
}

resource "aws_cloudformation_stack" "refiner" {
  name         = "UnusedAccessRefiner"
  template_url = "https://${var.code_bucket}.s3.amazonaws.com/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_NAMED_IAM"]

  parameters = {
    Email               = var.email
    CodeBucket          = var.code_bucket
    CodePrefix          = var.code_prefix
    ExistingAnalyzerArn = var.analyzer_arn
    PermissionsBoundary = var.permissions_boundary
  }

  depends_on = [aws_s3_object.zip]
}

output "proposals_bucket" {
  value = aws_cloudformation_stack.refiner.outputs["ProposalsBucketName"]
}

output "topic_arn" {
  value = aws_cloudformation_stack.refiner.outputs["TopicArn"]
}
