select
    delivery_id,
    sha256,
    channel,
    delivered_at
from {{ source('registry', 'delivery') }}
where {{ as_known('delivered_at') }}
