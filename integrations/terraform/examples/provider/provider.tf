terraform {
  required_providers {
    hoster = {
      source = "go-hoster/hoster"
    }
  }
}

variable "hoster_token" {
  type      = string
  sensitive = true
}

provider "hoster" {
  brand = "acme" # or base_url, or API_BASE_URL in the environment
  token = var.hoster_token
}
