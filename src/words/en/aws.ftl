# Why a call of an AWS API brought nothing.
aws-denied = access denied: allow { $action }
aws-throttled = throttled by AWS, also after retries: { $action }
aws-expired = AWS rejected the credentials ({ $code }): renew them
aws-not-found = not found
aws-unreachable = no response from { $action }: { $why }
aws-failed = { $action } failed: { $code }
aws-unreadable = the response of { $action } could not be read: this endpoint may not support it
aws-empty = the response of { $action } was empty
aws-endless = the list of { $action } does not end: { $how }

endless-same-token = it gave the same token again on page { $page }
endless-nothing-new = its last { $pages } pages brought nothing new
endless-too-long = it goes on after { $pages } pages
