using Messaging.Breaker;

namespace OutageDrill.Variants.BreakerSameRule;

/// <summary>
/// Our breaker with the numbers of the other variants. Its window holds at most the latest hundred calls, as by default; theirs holds all of ten
/// seconds.
/// </summary>
sealed class BreakerSameRuleVariant : BreakerVariantBase
{
    public override string Id => "breaker-same-rule";

    public override string Title => "Messaging.Breaker, rivals' rule";

    public override bool IsRanked => false;

    protected override void ConfigureRule(BreakerOptions options)
    {
        options.ConsecutiveFailures = null;
        options.FailureRatio = DrillRule.FailurePercentage / 100.0;
        options.MinimumThroughput = DrillRule.MinimumMessages;
        options.SamplingDuration = DrillRule.Window;
    }
}
