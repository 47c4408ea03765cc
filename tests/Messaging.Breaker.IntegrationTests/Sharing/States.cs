namespace Messaging.Breaker.IntegrationTests.Sharing;

static class States
{
    public static SharedBreakerState Of(string breaker, long version, BreakerState state, string instance = "tester") => new()
    {
        Breaker = breaker,
        Version = version,
        State = state,
        Cause = TransitionCause.ConsecutiveFailures,
        Reason = "said by a test",
        Instance = instance,
        Length = TimeSpan.FromSeconds(5),
        Age = TimeSpan.Zero,
    };
}
