namespace Messaging.Breaker.QueueDepth;

/// <summary>The names of the rules, which are stable.</summary>
static class AlertRule
{
    public const string Depth = "depth";
    public const string Growth = "growth";
    public const string Age = "age";
    public const string Loss = "loss";
    public const string Paused = "paused";
    public const string Errors = "errors";
    public const string Keys = "keys";

    /// <summary>Replaces depth, growth and age behind a breaker that is not closed.</summary>
    public const string Dependency = "dependency";

    public static IReadOnlyList<string> All { get; } = [Depth, Growth, Age, Loss, Paused, Dependency, Errors, Keys];

    /// <summary>Rules that are not about the queue's own messages, so that no open breaker explains them.</summary>
    public static bool IsApart(string rule) => rule is Errors or Keys;

    public static bool IsOfBacklog(string rule) => rule is Depth or Growth or Age;
}
