using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Messaging.Breaker.Breakers;

/// <summary>Creates the breakers from their options, keeps them up to date with the configuration, and forwards their transitions.</summary>
sealed class BreakerRegistry : IBreakerRegistry, IDisposable
{
    /// <summary>The prefix of the name of an endpoint's own breaker; the rest is the queue's name.</summary>
    public const string EndpointPrefix = "endpoint.";

    const int MostUnread = 1024;

    readonly IOptionsFactory<BreakerOptions> _options;
    readonly ILogger _log;
    readonly IEnumerable<IValidateOptions<BreakerOptions>> _validators;
    readonly BreakersSection _section;
    readonly TimeProvider _time;
    readonly Lock _lock = new();
    ImmutableDictionary<string, CircuitBreaker> _byName = ImmutableDictionary.Create<string, CircuitBreaker>(StringComparer.OrdinalIgnoreCase);
    ImmutableArray<CircuitBreaker> _breakers = [];
    readonly IDisposable? _reload;
    readonly Broadcast<Transition> _watchers = new(MostUnread);
    ImmutableArray<Action<Transition>> _listeners = [];

    public BreakerRegistry(
        BreakerNames names,
        BreakersSection section,
        IOptionsFactory<BreakerOptions> options,
        IEnumerable<IValidateOptions<BreakerOptions>> validators,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        (_options, _validators, _section, _time) = (options, validators, section, time);
        _log = loggers.CreateLog();
        foreach (var name in names.All.Union(section.ReadNames(), StringComparer.OrdinalIgnoreCase))
            Add(name, isLocal: false);

        if (section.Source is { } configuration)
            _reload = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
    }

    public IReadOnlyList<IBreaker> Breakers => _breakers;

    public ImmutableArray<CircuitBreaker> All => _breakers;

    public IBreaker this[string name] => Get(name);

    /// <summary>The known names, for errors about an unknown one.</summary>
    public string KnownNames => _breakers.Length > 0 ? string.Join(", ", _breakers.Select(breaker => $"'{breaker.Name}'")) : "none";

    public CircuitBreaker Get(string name) => Find(name) ?? throw new KeyNotFoundException(
        $"There is no breaker named '{name}'. Known breakers: {KnownNames}. Add it with AddMessagingBreaker(breakers => breakers.Add(\"{name}\")).");

    /// <summary>Adds the own breaker of an endpoint.</summary>
    public CircuitBreaker Add(string name) => Add(name, isLocal: true);

    /// <summary>Splits a breaker by an attribute's property, in addition to its options.</summary>
    public void Partition(CircuitBreaker breaker, Action<KeySelectors> add)
    {
        lock (_lock)
        {
            add(breaker.Options.KeySelectors);
            breaker.Partition ??= CreatePartition(breaker, breaker.Options.KeySelectors);
        }
    }

    /// <summary>Removes the own breaker of an endpoint that was removed.</summary>
    public void Remove(CircuitBreaker breaker)
    {
        lock (_lock)
        {
            _byName = _byName.Remove(breaker.Name);
            _breakers = _breakers.Remove(breaker);
        }

        breaker.Dispose();
    }

    public CircuitBreaker? Find(string name) => _byName.GetValueOrDefault(name);

    public bool TryGet(string name, [NotNullWhen(true)] out IBreaker? breaker)
    {
        breaker = Find(name);
        return breaker is not null;
    }

    public IBreaker FirstClosed(params string[] names) => Attempts.FirstClosed.Of(GetAll(names));

    public async ValueTask<T> ExecuteAsync<T>(
        IReadOnlyList<string> names, Func<IBreaker, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        var left = GetAll(names);
        while (true)
        {
            var breaker = Attempts.FirstClosed.Of(left);
            var wasMade = false;
            try
            {
                return await breaker.ExecuteAsync(
                    token =>
                    {
                        wasMade = true;
                        return call(breaker, token);
                    },
                    cancellationToken).ConfigureAwait(false);
            }
            catch (BreakerOpenException) when (!wasMade && left.Length > 1)
            {
                left = left.Remove(breaker);
            }
        }
    }

    public async ValueTask ExecuteAsync(
        IReadOnlyList<string> names, Func<IBreaker, CancellationToken, ValueTask> call, CancellationToken cancellationToken = default) =>
        await ExecuteAsync(
            names,
            async (breaker, token) =>
            {
                await call(breaker, token).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Calls the listener with every transition, in order for each breaker, on the thread that caused it. The listener must be quick. Its
    /// exceptions are logged.
    /// </summary>
    public void Listen(Action<Transition> listener) => ImmutableInterlocked.Update(ref _listeners, all => all.Add(listener));

    public IAsyncEnumerable<Transition> WatchAsync(CancellationToken cancellationToken = default) => _watchers.WatchAsync(cancellationToken);

    public void Dispose()
    {
        _reload?.Dispose();
        foreach (var breaker in _breakers)
            breaker.Dispose();
    }

    ImmutableArray<CircuitBreaker> GetAll(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return names.Count > 0 ? [.. names.Select(Get)] : throw new ArgumentException("Name at least one breaker to choose from.", nameof(names));
    }

    CircuitBreaker Add(string name, bool isLocal)
    {
        var breaker = new CircuitBreaker(name, CreateOptions(name), _time, Random.Shared, OnTransition) { IsLocal = isLocal };
        if (breaker.Options.KeySelectors is { AreAny: true } selectors)
            breaker.Partition = CreatePartition(breaker, selectors);
        lock (_lock)
        {
            _byName = _byName.Add(name, breaker);
            _breakers = _breakers.Add(breaker);
        }

        return breaker;
    }

    void OnTransition(Transition transition)
    {
        _log.Transition(transition);
        foreach (var listener in _listeners)
            Tell(listener, transition);
        _watchers.Publish(transition);
    }

    /// <summary>A listener that throws must not affect the other listeners, or the handler that caused the transition.</summary>
    void Tell(Action<Transition> listener, Transition transition)
    {
        try
        {
            listener(transition);
        }
        catch (Exception exception)
        {
            _log.ListenerFailed(transition.Breaker, listener.Method.DeclaringType?.Name ?? listener.Method.Name, RecentFailures.Describe(exception));
        }
    }

    Partition CreatePartition(CircuitBreaker breaker, KeySelectors selectors) =>
        new(breaker, selectors, key => CreateKeyOptions(breaker, key), _time, _log);

    /// <summary>The options of a key: its breaker's, overridden by the configuration of the key. Its messages keep their order.</summary>
    BreakerOptions CreateKeyOptions(CircuitBreaker breaker, string key)
    {
        var options = CreateOptions(breaker.Name);
        try
        {
            _section.ConfigureKey(breaker.Name, key, options);
            if (_validators.SelectMany(validator => validator.Validate(breaker.Name, options).Failures ?? []).ToList() is { Count: > 0 } problems)
                throw new OptionsValidationException(breaker.Name, typeof(BreakerOptions), problems);
        }
        catch (OptionsValidationException exception)
        {
            _log.ReloadRefused($"{breaker.Name}[{OneLine.Of(key, MostUnread)}]", exception.Message);
            options = CreateOptions(breaker.Name);
        }

        options.KeepOrder = true;
        // A false trip costs only that key, and a late one takes places from all other keys.
        options.ConsecutiveFailures = options.ConsecutiveFailures is { } row ? Math.Max(1, row / 2) : null;
        return options;
    }

    BreakerOptions CreateOptions(string name)
    {
        var options = _options.Create(name);
        options.Exceptions.Failed = (rule, exception) => _log.RuleFailed(name, rule, RecentFailures.Describe(exception));
        return options;
    }

    void Reload()
    {
        foreach (var breaker in _breakers)
        {
            try
            {
                breaker.Reconfigure(CreateOptions(breaker.Name));
            }
            catch (OptionsValidationException exception)
            {
                _log.ReloadRefused(breaker.Name, exception.Message);
            }
        }
    }
}
