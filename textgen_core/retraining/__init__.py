"""A new model is trained on what arrived, judged against the champion, and promoted only if it is better by a margin.

challenge     challenge, challenge_key
promotion     Outcome
rounds        retrain, make, RoundStage
settings      RetrainingSettings, ChallengeSettings
"""
