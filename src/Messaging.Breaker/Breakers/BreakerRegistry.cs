using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Messaging.Breaker.Configuration;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Messaging.Breaker.Breakers;

/// <summary>Makes the breakers from their options, keeps them up to date with the configuration, and spreads their transitions.</summary>
sealed class BreakerRegistry : IBreakerRegistry, IDisposable
{
    const int MostUnread = 1024;

    readonly IOptionsFactory<BreakerOptions> _options;
    readonly ILogger _log;
    readonly Dictionary<string, CircuitBreaker> _byName = new(StringComparer.OrdinalIgnoreCase);
    readonly List<CircuitBreaker> _breakers = [];
    readonly IDisposable? _reload;
    ImmutableArray<Channel<Transition>> _watchers = [];
    ImmutableArray<Action<Transition>> _listeners = [];

    public BreakerRegistry(
        BreakerNames names, BreakersSection section, IOptionsFactory<BreakerOptions> options, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _log = loggers.CreateLogger(Log.Category);
        foreach (var name in names.All.Union(section.BreakerNames, StringComparer.OrdinalIgnoreCase))
        {
            var breaker = new CircuitBreaker(name, options.Create(name), time, Random.Shared, OnTransition);
            _byName.Add(name, breaker);
            _breakers.Add(breaker);
        }

        if (section.Configuration is { } configuration)
            _reload = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
    }

    public IReadOnlyList<IBreaker> Breakers => _breakers;

    public IReadOnlyList<CircuitBreaker> All => _breakers;

    public IBreaker this[string name] => Get(name);

    /// <summary>The known names, for messages about an unknown one.</summary>
    public string KnownNames => _breakers.Count > 0 ? string.Join(", ", _breakers.Select(breaker => $"'{breaker.Name}'")) : "none";

    public CircuitBreaker Get(string name) => Find(name) ?? throw new KeyNotFoundException(
        $"There is no breaker named '{name}'. Known breakers: {KnownNames}. Add it with AddMessagingBreaker(breakers => breakers.Add(\"{name}\")).");

    public CircuitBreaker? Find(string name) => _byName.GetValueOrDefault(name);

    public bool TryGet(string name, [NotNullWhen(true)] out IBreaker? breaker)
    {
        breaker = Find(name);
        return breaker is not null;
    }

    /// <summary>Calls the listener with every transition, in order for each breaker, on the thread that caused it; it must be quick and not throw.</summary>
    public void Listen(Action<Transition> listener) => ImmutableInterlocked.Update(ref _listeners, all => all.Add(listener));

    public async IAsyncEnumerable<Transition> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateBounded<Transition>(new BoundedChannelOptions(MostUnread) { FullMode = BoundedChannelFullMode.DropOldest });
        ImmutableInterlocked.Update(ref _watchers, all => all.Add(channel));
        try
        {
            await foreach (var transition in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return transition;
        }
        finally
        {
            ImmutableInterlocked.Update(ref _watchers, all => all.Remove(channel));
        }
    }

    public void Dispose()
    {
        _reload?.Dispose();
        foreach (var breaker in _breakers)
            breaker.Dispose();
    }

    void OnTransition(Transition transition)
    {
        _log.Transition(transition);
        foreach (var listener in _listeners)
            listener(transition);
        foreach (var watcher in _watchers)
            watcher.Writer.TryWrite(transition);
    }

    void Reload()
    {
        foreach (var breaker in _breakers)
        {
            try
            {
                breaker.Reconfigure(_options.Create(breaker.Name));
            }
            catch (OptionsValidationException exception)
            {
                _log.ReloadRefused(breaker.Name, exception.Message);
            }
        }
    }
}
