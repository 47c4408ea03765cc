namespace Messaging.Breaker.AtlasTests.Cases;

/// <summary>One way in which a dependency fails.</summary>
/// <param name="Group">The kind of dependency.</param>
/// <param name="Fails">How it fails, in the words of its owner.</param>
/// <param name="Recognised">What reveals the failure.</param>
/// <param name="Create">Makes the dependency and its client for one case.</param>
public sealed record Row(string Group, string Fails, string Recognised, Func<Task<Dependency>> Create)
{
    /// <summary>Why this cannot happen to one message while others get through; null if it can.</summary>
    public string? WholeOnly { get; init; }

    public override string ToString() => $"{Group}: {Fails}";
}
