"""A new model is trained on what arrived, judged against the champion, and promoted only if it is better.

challenge     challenge, challenge_key
rounds        retrain, make, Outcome, RoundStage
settings      RetrainingSettings, ChallengeSettings
"""
