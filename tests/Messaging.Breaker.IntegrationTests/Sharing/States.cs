namespace Messaging.Breaker.IntegrationTests.Sharing;

static class States
{
    public static SharedBreakerState Of(string breaker, long version, BreakerState state, string instance = "tester") => new(
        breaker, version, state, null, TransitionCause.ConsecutiveFailures, "said by a test", instance, TimeSpan.FromSeconds(5), TimeSpan.Zero);
}
