-- What the kernel of a question finds, where it does not matter whose events they are.
select cairn_ext.analyse_v1({spec}, cairn_ext.event_v1({event}))
from ({events}) e ({columns})
