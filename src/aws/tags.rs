//! Resource Groups Tagging: which resources a stack or a tag holds.

use aws_sdk_resourcegroupstagging::types::TagFilter;

use super::pages::Pages;
use super::{Error, Session, api};

impl Session {
    /// The ARNs of all resources that carry a tag (any value where none is given).
    pub async fn tagged(&self, key: &str, value: Option<&str>) -> Result<Vec<String>, Error> {
        let clients = self.clients();
        let mut arns = Vec::new();
        let mut pages = Pages::of(&api::GET_RESOURCES);
        let filter = TagFilter::builder()
            .key(key)
            .set_values(value.map(|value| vec![value.to_owned()]))
            .build();
        while pages.more() {
            let call = || {
                let request = clients
                    .tags
                    .get_resources()
                    .tag_filters(filter.clone())
                    .resources_per_page(100);
                request.set_pagination_token(pages.token()).send()
            };
            let answer = self.caller.call(&api::GET_RESOURCES, call).await?;
            let list = answer.resource_tag_mapping_list();
            arns.extend(
                list.iter()
                    .filter_map(|mapping| mapping.resource_arn().map(str::to_owned)),
            );
            pages.turn(
                answer.pagination_token(),
                list.iter().map(|mapping| mapping.resource_arn()),
            )?;
        }
        Ok(arns)
    }
}
