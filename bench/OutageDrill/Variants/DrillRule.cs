namespace OutageDrill.Variants;

/// <summary>
/// The rule of every breaker in the drill: it trips at 15 % of at least ten messages in ten seconds, and tries again after two seconds.
/// </summary>
static class DrillRule
{
    public const int FailurePercentage = 15;

    public const int MinimumMessages = 10;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan Break = TimeSpan.FromSeconds(2);
}
