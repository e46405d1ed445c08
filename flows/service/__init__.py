"""One Prefect server, one worker and the deployments on loopback: ``textgen up`` and ``textgen down``.

detection    whose Prefect is to be used, and does it answer (in 0.3 s, without importing Prefect)
state        where the service's files lie and what runs
processes    starting, recognising and ending processes and all their children
server       the server: port, start, health
companion    a process that ends a temporary server when its starter is gone
api          the few REST calls that need no Prefect
nightly      which folder nightly retraining follows, and whether its schedule is on
zombies      runs whose process died are marked as crashed
lifecycle    up, down, and a server for the duration of one command

It offers:

api        call
detection  Api, answers, configured_api
lifecycle  up, down, temporary_server
nightly    checked, read_nightly, switched_on, write_nightly
server     loopback_works
state      state_directory
"""
