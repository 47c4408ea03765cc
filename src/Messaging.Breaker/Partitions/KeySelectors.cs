using System.Collections.Immutable;
using MassTransit;

namespace Messaging.Breaker.Partitions;

/// <summary>How a message tells to which key of a breaker it belongs: the first that applies to it decides.</summary>
sealed class KeySelectors
{
    readonly ImmutableArray<Func<ConsumeContext, string?>>.Builder _selectors = ImmutableArray.CreateBuilder<Func<ConsumeContext, string?>>();

    readonly HashSet<(Type Message, string Property)> _properties = [];

    bool _areByCalls;

    public bool AreAny => _selectors.Count > 0 || _areByCalls;

    public void Add<TMessage>(Func<TMessage, string?> selector) where TMessage : class =>
        _selectors.Add(context => context.TryGetMessage(out ConsumeContext<TMessage>? message) ? selector(message.Message) : null);

    /// <summary>Adds a property of a message; once, also when endpoints of its consumer come and go.</summary>
    public void Add<TMessage>(string property, Func<TMessage, string?> selector) where TMessage : class
    {
        if (_properties.Add((typeof(TMessage), property)))
            Add(selector);
    }

    /// <summary>Calls tell the key of their message.</summary>
    public void AddCalls() => _areByCalls = true;

    public void AddHeader(string header) =>
        _selectors.Add(context => context.Headers.TryGetHeader(header, out var value) ? value?.ToString() : null);

    /// <returns>Null if no selector knows a key.</returns>
    public string? KeyOf(ConsumeContext context)
    {
        foreach (var selector in _selectors)
            if (selector(context) is { Length: > 0 } key)
                return key;
        return null;
    }
}
