# The credentials of a command that runs.

credentials-expired =
    credentials expired ({ $advice }): { $wait ->
        [none] this command continues by itself after that.
       *[other] this command waits { $wait } for that and continues by itself.
    }
credentials-renewed = credentials renewed.
