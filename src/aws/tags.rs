//! Resource Groups Tagging: which resources a stack or a tag holds.

use aws_sdk_resourcegroupstagging::types::TagFilter;

use super::functions::next;
use super::{Error, Session, api};

impl Session {
    /// The ARNs of all resources that carry a tag (any value where none is given).
    pub async fn tagged(&self, key: &str, value: Option<&str>) -> Result<Vec<String>, Error> {
        let clients = self.clients();
        let mut arns = Vec::new();
        let mut token: Option<String> = None;
        let filter = TagFilter::builder()
            .key(key)
            .set_values(value.map(|value| vec![value.to_owned()]))
            .build();
        loop {
            let call = || {
                let request = clients
                    .tags
                    .get_resources()
                    .tag_filters(filter.clone())
                    .resources_per_page(100);
                request.set_pagination_token(token.clone()).send()
            };
            let answer = self.caller.call(&api::GET_RESOURCES, call).await?;
            let list = answer.resource_tag_mapping_list();
            arns.extend(
                list.iter()
                    .filter_map(|mapping| mapping.resource_arn().map(str::to_owned)),
            );
            token = next(answer.pagination_token(), token.as_deref());
            if token.is_none() {
                return Ok(arns);
            }
        }
    }
}
