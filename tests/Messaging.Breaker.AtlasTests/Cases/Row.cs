namespace Messaging.Breaker.AtlasTests.Cases;

/// <summary>One way in which a dependency fails.</summary>
/// <param name="Group">What kind of dependency.</param>
/// <param name="Fails">How it fails, as its owner would say.</param>
/// <param name="Recognised">By what the failure is recognised.</param>
/// <param name="Create">Makes the dependency and its client for one case.</param>
public sealed record Row(string Group, string Fails, string Recognised, Func<Task<Dependency>> Create)
{
    /// <summary>Why it cannot happen to one message while others get through; null where it can.</summary>
    public string? WholeOnly { get; init; }

    public override string ToString() => $"{Group}: {Fails}";
}
