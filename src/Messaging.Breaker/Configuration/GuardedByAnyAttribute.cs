namespace Messaging.Breaker;

/// <summary>
/// Guards the messages of a consumer with several breakers of alternatives, such as the regions of one service. The endpoint pauses only
/// when none of them is closed. The consumer asks <see cref="IBreakerRegistry.FirstClosed"/> which one to call. Otherwise the same as
/// <see cref="GuardedByAttribute"/>.
/// </summary>
/// <param name="breakers">The breakers' names, at least two.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class GuardedByAnyAttribute(params string[] breakers) : Attribute
{
    /// <summary>The breakers' names.</summary>
    public IReadOnlyList<string> Breakers => breakers ?? [];
}
