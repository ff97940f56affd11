//! Where the services are, and how they are spoken to. AWS (apis): from botocore's models and endpoint rules.

/// How a service is spoken to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Protocol {
    /// JSON, with the operation in `X-Amz-Target` after this prefix.
    Json {
        target: &'static str,
        version: &'static str,
    },
    /// Paths and queries.
    Rest,
    /// A form in, XML out.
    Query { version: &'static str },
}

/// A service that has no SDK crate here.
#[derive(Clone, Copy, Debug)]
pub(in crate::aws) struct Service {
    /// By which name profiles and `AWS_ENDPOINT_URL_…` know it.
    pub(in crate::aws) id: &'static str,
    /// The first part of its host.
    host: &'static str,
    /// By which name it is signed for.
    pub(super) signs: &'static str,
    pub(super) protocol: Protocol,
    /// Whether it is one for all regions of a partition.
    global: bool,
}

impl Service {
    const fn of(id: &'static str, host: &'static str, protocol: Protocol) -> Self {
        Self {
            id,
            host,
            signs: host,
            protocol,
            global: false,
        }
    }

    /// Its URL in a region.
    pub(super) fn url(&self, region: &str, fips: bool, dual: bool) -> String {
        let fips = if fips { "-fips" } else { "" };
        let (suffix, dual_suffix) = suffixes(region);
        let suffix = if dual { dual_suffix } else { suffix };
        let host = self.host;
        if !self.global {
            return format!("https://{host}{fips}.{region}.{suffix}");
        }
        match region.split('-').next() {
            Some("cn") => format!("https://{host}.cn-north-1.{suffix}"),
            Some("us") if region.starts_with("us-gov-") => format!("https://{host}{fips}.us-gov.{suffix}"),
            _ if region.contains("-iso") => format!("https://{host}.{}.{suffix}", self.signing_region(region)),
            _ => format!("https://{host}{fips}.{suffix}"),
        }
    }

    /// The region that it is signed for.
    pub(super) fn signing_region<'a>(&self, region: &'a str) -> &'a str {
        if !self.global {
            return region;
        }
        match region {
            _ if region.starts_with("cn-") => "cn-north-1",
            _ if region.starts_with("us-gov-") => "us-gov-west-1",
            _ if region.starts_with("us-isob-") => "us-isob-east-1",
            _ if region.starts_with("us-iso-") => "us-iso-east-1",
            _ if region.contains("-iso") || region.starts_with("eusc-") => region,
            _ => "us-east-1",
        }
    }
}

/// What hosts of a region's partition end in, and those of dual stack.
fn suffixes(region: &str) -> (&'static str, &'static str) {
    match region {
        _ if region.starts_with("cn-") => ("amazonaws.com.cn", "api.amazonwebservices.com.cn"),
        _ if region.starts_with("us-isob-") => ("sc2s.sgov.gov", "sc2s.sgov.gov"),
        _ if region.starts_with("us-iso-") => ("c2s.ic.gov", "c2s.ic.gov"),
        _ if region.starts_with("us-isof-") => ("csp.hci.ic.gov", "csp.hci.ic.gov"),
        _ if region.starts_with("eu-isoe-") => ("cloud.adc-e.uk", "cloud.adc-e.uk"),
        _ if region.starts_with("eusc-") => ("amazonaws.eu", "api.amazonwebservices.eu"),
        _ => ("amazonaws.com", "api.aws"),
    }
}

pub(in crate::aws) const IAM: Service = Service {
    global: true,
    ..Service::of("IAM", "iam", Protocol::Query { version: "2010-05-08" })
};
pub(in crate::aws) const API_GATEWAY: Service = Service::of("API Gateway", "apigateway", Protocol::Rest);
pub(in crate::aws) const ELB: Service = Service::of(
    "Elastic Load Balancing v2",
    "elasticloadbalancing",
    Protocol::Query { version: "2015-12-01" },
);
pub(in crate::aws) const SFN: Service = Service::of(
    "SFN",
    "states",
    Protocol::Json {
        target: "AWSStepFunctions",
        version: "1.0",
    },
);
pub(in crate::aws) const DYNAMODB: Service = Service::of(
    "DynamoDB",
    "dynamodb",
    Protocol::Json {
        target: "DynamoDB_20120810",
        version: "1.0",
    },
);
pub(in crate::aws) const COGNITO: Service = Service::of(
    "Cognito Identity Provider",
    "cognito-idp",
    Protocol::Json {
        target: "AWSCognitoIdentityProviderService",
        version: "1.1",
    },
);
pub(in crate::aws) const SECRETS: Service = Service::of(
    "Secrets Manager",
    "secretsmanager",
    Protocol::Json {
        target: "secretsmanager",
        version: "1.1",
    },
);

/// The names by which profiles know them.
pub(in crate::aws) fn ids() -> impl Iterator<Item = &'static str> {
    [IAM, API_GATEWAY, ELB, SFN, DYNAMODB, COGNITO, SECRETS]
        .into_iter()
        .map(|service| service.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_its_hosts() {
        for (service, region, url, signs) in [
            (IAM, "eu-west-1", "https://iam.amazonaws.com", "us-east-1"),
            (
                IAM,
                "cn-northwest-1",
                "https://iam.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
            (
                IAM,
                "us-gov-east-1",
                "https://iam.us-gov.amazonaws.com",
                "us-gov-west-1",
            ),
            (SFN, "eu-west-1", "https://states.eu-west-1.amazonaws.com", "eu-west-1"),
            (
                ELB,
                "cn-north-1",
                "https://elasticloadbalancing.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
        ] {
            assert_eq!(service.url(region, false, false), url);
            assert_eq!(service.signing_region(region), signs);
        }
        assert_eq!(
            SFN.url("us-east-1", true, false),
            "https://states-fips.us-east-1.amazonaws.com"
        );
        assert_eq!(SFN.url("us-east-1", false, true), "https://states.us-east-1.api.aws");
    }
}
