using System.Collections.Immutable;
using MassTransit;

namespace Messaging.Breaker.Breakers.Keys;

/// <summary>Finds the key of a message in a breaker: the first selector that applies decides.</summary>
sealed class KeySelectors
{
    ImmutableArray<Func<ConsumeContext, string?>> _selectors = [];

    readonly HashSet<(Type Message, string Property)> _properties = [];

    bool _areByCalls;

    public bool AreAny => _selectors.Length > 0 || _areByCalls;

    public void Add<TMessage>(Func<TMessage, string?> selector) where TMessage : class =>
        _selectors = _selectors.Add(context => context.TryGetMessage(out ConsumeContext<TMessage>? message) ? selector(message.Message) : null);

    /// <summary>Adds a property of a message, only once even if the endpoints of its consumer come and go.</summary>
    public void Add<TMessage>(string property, Func<TMessage, string?> selector) where TMessage : class
    {
        if (_properties.Add((typeof(TMessage), property)))
            Add(selector);
    }

    /// <summary>Calls give the key of their message.</summary>
    public void AddCalls() => _areByCalls = true;

    public void AddHeader(string header) =>
        _selectors = _selectors.Add(context => context.Headers.TryGetHeader(header, out var value) ? value?.ToString() : null);

    /// <returns>Null if no selector finds a key.</returns>
    public string? KeyOf(ConsumeContext context)
    {
        foreach (var selector in _selectors)
            if (selector(context) is { Length: > 0 } key)
                return key;
        return null;
    }
}
