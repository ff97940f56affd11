"""A function that its table's stream starts and that writes to the table: AWS's own detection does not see it. The same traffic from
elsewhere is no loop."""

from reported import *  # noqa: F403

TABLE = '''
title = "a table that feeds itself"
[[table]]
name = "orders"
stream = true
[[mapping]]
from = "table:orders"
to = "work"
[[function]]
name = "work"
env = { TABLE_NAME = "orders" }
'''
LOOP = TABLE + '''
does = { work = "100ms", steps = [{ put_item = { table = "orders", item = { id = "{uuid}" } } }] }
[[script]]
at = "2s"
does = { put_item = { table = "orders", item = { id = "first" } } }
'''
READ = TABLE + '''
does = { work = "60ms..200ms" }
[[traffic]]
every = "2s"
does = { put_item = { table = "orders", item = { id = "{uuid}" } } }
'''
with scenario(LOOP, 20) as a:
    def told():
        status = a.run("status")
        return status.code == 1 and "seems to feed itself" in status.stdout

    emulators.wait_until(told, 40, "a loop that runs is trouble")
with scenario(READ, 20) as a:
    time.sleep(6)
    status = a.run("status")
    assert status.code == 0 and "may feed itself" in status.stdout, status.stdout
