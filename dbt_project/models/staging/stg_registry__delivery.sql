select
    delivery_id,
    sha256,
    channel,
    delivered_at
from {{ source('registry', 'delivery') }}
