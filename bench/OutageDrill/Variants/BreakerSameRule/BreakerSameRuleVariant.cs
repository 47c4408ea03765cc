using Messaging.Breaker;

namespace OutageDrill.Variants.BreakerSameRule;

/// <summary>With the numbers of the rivals. The window holds the latest hundred calls at most, as by default: theirs holds all of ten seconds.</summary>
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
