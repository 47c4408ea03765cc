using System.Net.Http.Headers;
using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Classifying;
using Messaging.Breaker.Probing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Breaker;

/// <summary>
/// What one breaker tolerates and how it recovers. Set in code with <c>breakers.Add("payments", options =&gt; ...)</c>, or in configuration
/// under <c>Breakers:payments</c>. If both set an option, configuration wins. Validated at start. A change of the configuration is applied
/// while running, without losing the state; an invalid change is logged and not applied. Not thread-safe while being set; read once and
/// never written afterwards.
/// </summary>
public sealed class BreakerOptions
{
    /// <summary>
    /// The share of failures in the window, above 0 and up to 1, at which the breaker trips. Default 0.5: a dependency that fails every
    /// second call does more harm than good, and the few per cent of poison messages on an ordinary queue stay far below it.
    /// </summary>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>
    /// The ratios count only when the window holds at least this many outcomes. From 1; default 20: with fewer, a bad minute of three
    /// messages would count as an outage. <see cref="ConsecutiveFailures"/> covers queues that are too quiet to reach it.
    /// </summary>
    public int MinimumThroughput { get; set; } = 20;

    /// <summary>
    /// This many failures or slow calls in a row trip the breaker, however many successes the window holds. From 1, or null to turn the
    /// rule off. Default 10: at 500 messages a second, an outage is known after about twenty calls. If one message in five is poison, ten
    /// in a row that are each at fault by chance happen once in ten million.
    /// </summary>
    public int? ConsecutiveFailures { get; set; } = 10;

    /// <summary>
    /// The window reaches back at most this far. From 100 ms to 1 hour; default 10 s: longer than a hiccup, and short enough that a
    /// recovered dependency is not judged by its past.
    /// </summary>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The window holds at most about this many of the newest outcomes (to within a tenth). From <see cref="MinimumThroughput"/>; default
    /// 100. Without this limit, a busy endpoint with 5,000 successes in the last ten seconds would need 5,000 failures before it noticed
    /// that most of its calls fail.
    /// </summary>
    public int WindowCalls { get; set; } = 100;

    /// <summary>
    /// A call that takes longer is slow. Null (the default) for never: only the owner of the dependency knows what is slow. Requires
    /// <see cref="SlowCallRatio"/>. A slow probe counts as failed. A call without an answer after this time counts towards
    /// <see cref="ConsecutiveFailures"/> at once, not only when it ends. If no calls are attributed, the handler counts as its call.
    /// </summary>
    public TimeSpan? SlowCallDuration { get; set; }

    /// <summary>
    /// The share of slow calls in the window, above 0 and up to 1, at which the breaker trips. Requires <see cref="SlowCallDuration"/>.
    /// Default null: off.
    /// </summary>
    public double? SlowCallRatio { get; set; }

    /// <summary>
    /// How long the first break lasts. From 10 ms to 1 day; default 5 s: a restart or a failover of the dependency is often over by then,
    /// and messages can usually wait five seconds.
    /// </summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The longest break. From <see cref="BreakDuration"/> to 1 day; default 60 s: in a long outage, one round of probes a minute is a
    /// small load for a dependency that is coming up, and its users wait at most a minute beyond the outage. A break gets this long only
    /// after ten minutes: no break is longer than a tenth of the outage so far, unless <see cref="BreakDuration"/> is. If the dependency
    /// itself asks for a longer break (Retry-After), it gets one.
    /// </summary>
    public TimeSpan MaxBreakDuration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The factor by which the break grows with each reopen. From 1 (no growth) to 10; default 2. The n-th break is drawn evenly from
    /// between <see cref="BreakDuration"/> and min(<see cref="MaxBreakDuration"/>, <see cref="BreakDuration"/> x growth^n, a tenth of the
    /// outage so far). This is exponential backoff with full jitter ("Exponential Backoff And Jitter", M. Brooker, AWS Architecture Blog,
    /// 2015) above a minimum, so that instances do not probe in step and none probes without a pause. An outage lasts from the trip to the
    /// close. With the defaults, breaks start to grow after its first 50 seconds and reach a minute after ten.
    /// </summary>
    public double BreakGrowth { get; set; } = 2;

    /// <summary>
    /// The number of probes in a half-open round. From 1 to 1,000; default 3: one poison message among them can neither close nor reopen
    /// the breaker.
    /// </summary>
    public int Probes { get; set; } = 3;

    /// <summary>
    /// How many probes may run at once, and on RabbitMQ the prefetch of the consumer while half-open. From 1 to <see cref="Probes"/>;
    /// default null: as many as <see cref="Probes"/>.
    /// </summary>
    public int? ProbeConcurrency { get; set; }

    /// <summary>
    /// The share of <see cref="Probes"/>, above 0 and up to 1, that must succeed to close the breaker. Default 0.5, which is two of three.
    /// The breaker reopens as soon as that can no longer be reached.
    /// </summary>
    public double ProbeSuccessRatio { get; set; } = 0.5;

    /// <summary>
    /// A probe that hangs longer counts as failed, and its permit is taken back. From 100 ms to 1 hour; default 30 s: more than the usual
    /// client timeouts, so that a probe is normally ended by its own client.
    /// </summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether concurrency rises gradually after a close, so that the backlog does not rush at a dependency that has just come back. At
    /// first, as many messages run at once as there were probes. Each round doubles that, up to ten (or half of what was healthy within the
    /// last hour), and later adds up to half. Concurrency does not grow while calls take longer than is healthy by an eighth and 1 ms. If
    /// more than one call in twenty fails, it is halved, and for a while it stays below the load at which failures began. The ramp ends
    /// when no message has waited for it for <see cref="SamplingDuration"/>. Default true: no dependency is built for a rush of everything
    /// that has waited.
    /// </summary>
    public bool Ramp { get; set; } = true;

    /// <summary>
    /// How long a pause waits for running handlers. Then it cancels their tokens and returns their messages, so that a handler that hangs
    /// in a dead dependency does not keep the endpoint from probing it. From 100 ms to 1 hour; default 30 s, like
    /// <see cref="ProbeTimeout"/>. The pause still waits for a handler that ignores its token. If an endpoint has several breakers, the
    /// shortest time applies. RabbitMQ only: on other transports, endpoints are not stopped.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a failing message may wait for its verdict in total, including retests. Then it is returned to its queue. Keep it well
    /// below the broker's <c>consumer_timeout</c> (30 minutes by default), at which the broker closes the channel. From 100 ms to 1 hour;
    /// default 5 minutes.
    /// </summary>
    public TimeSpan MaxHold { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether a failing message waits in its place, and runs again meanwhile, until it is known whose fault the failure was. Default true.
    /// Set it to false for consumers that must not run twice for one failure. Then a failing message goes its ordinary way at once until
    /// the breaker opens, and each outage dead-letters the messages that trip the breaker: <see cref="ConsecutiveFailures"/> of them, and
    /// those that fail at the same moment. Once the breaker is open, failing messages are returned as usual.
    /// </summary>
    public bool WaitForVerdict { get; set; } = true;

    /// <summary>
    /// How long a failing message waits for the outcomes of others before it runs again itself, as on a quiet queue. Its third failure
    /// while no other message gets through trips the breaker. If others got through before, it goes on waiting: from the third time on
    /// twice as long each time, up to ten times this value. From 10 ms to 5 minutes; default 1 s.
    /// </summary>
    public TimeSpan RetestDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether messages never change places. By default (false), a message that failed as a probe goes behind the others before it is
    /// probed again. So the next round judges the dependency by other messages, and one poison message at the head of the queue cannot keep
    /// the breaker open. Set it to true for queues where order matters more. Then a message moves only because of the delivery limit of a
    /// quorum queue. A quorum queue itself does not keep the order of messages that are returned round after round; a classic queue does.
    /// </summary>
    public bool KeepOrder { get; set; }

    /// <summary>
    /// A message that has failed in this many rounds of probes goes its ordinary way (retry, <c>_error</c>), although nothing shows that
    /// the dependency works. From 1. Default null for never, because in a long outage every message would get there in the end. With
    /// <see cref="KeepOrder"/>, a poison message at the head would block its queue for ever. So there, a message goes after ten rounds in a
    /// row in which it was alone. If that was a mistake, the next message fails as well, and stays twice as long. The breaker of a key
    /// (<c>PartitionBy</c>) lets no message go for this reason.
    /// </summary>
    public int? MaxProbeFailures { get; set; }

    /// <summary>
    /// Whether a request (a message with RequestId and ResponseAddress) that the breaker does not admit is answered at once with a
    /// <c>Fault</c> that carries <see cref="BreakerOpenException"/>, and leaves the queue. Default false: it waits in the queue like any
    /// other message, and its client waits too, or times out. If all breakers of an endpoint have this option, they never pause the
    /// endpoint, because a paused endpoint answers no request. So give requests a separate endpoint. Other messages that arrive there wait
    /// in process until they are admitted.
    /// </summary>
    public bool FailFastRequests { get; set; }

    /// <summary>
    /// For a breaker that is split with <c>PartitionBy</c>: how many keys it remembers. From 10 to 10,000,000; default 10,000. If there are
    /// more, it forgets the least recently used, but never a key that is open or has messages waiting.
    /// </summary>
    public int MaxKeys { get; set; } = 10_000;

    /// <summary>
    /// For a breaker that is split with <c>PartitionBy</c>: how many keys of an endpoint can have their own queue at once. From 1 to
    /// 10,000; default 200. If one more needs a queue, the breaker of the whole opens instead.
    /// </summary>
    public int MaxParked { get; set; } = 200;

    /// <summary>
    /// For a breaker that is split with <c>PartitionBy</c>: the share of the endpoint's places (its concurrent messages), above 0 and up to
    /// 1, that one key may take while others are in use. While more than that share is taken, one key may take only a quarter of it. A
    /// message beyond the share that gets no place within 1 s goes to the queue of its key. Default 0.5: keys that hang leave the other half
    /// to the rest until their breakers open.
    /// </summary>
    public double KeyShare { get; set; } = 0.5;

    /// <summary>
    /// The mode in which the breaker starts. A change in configuration is applied while running. Default
    /// <see cref="BreakerMode.Enforcing"/>.
    /// </summary>
    public BreakerMode Mode { get; set; } = BreakerMode.Enforcing;

    internal ExceptionRules Exceptions { get; } = new();

    internal ActiveProbe? ActiveProbe { get; private set; }

    internal KeySelectors KeySelectors { get; } = new();

    /// <summary>
    /// Splits the breaker by a key of the message, such as a customer, a tenant or a shard. An outage of one key affects only that key.
    /// Call it several times for several message types. A message without a key, or whose selector throws, belongs to the breaker of the
    /// whole. Keys are case-sensitive.
    /// </summary>
    /// <typeparam name="TMessage">The message type, or an interface that it implements.</typeparam>
    /// <param name="key">Reads the key; null or empty for none. Called once for each delivery. Must be quick and thread-safe.</param>
    /// <remarks>
    /// Each key has its own breaker with the options of this one, except that its messages keep their order (<see cref="KeepOrder"/>) and
    /// half as many failures in a row trip it (<see cref="ConsecutiveFailures"/>), because a false alarm costs only that key. Options of
    /// single keys can be set in configuration, under <c>Breakers:{name}:Partitions:{key}</c>. On RabbitMQ, the messages of a key that is
    /// not closed wait in that key's own queue; on other transports they wait in process. When at least five keys, and half of the keys in
    /// use, are open, this breaker opens and pauses the endpoint.
    /// </remarks>
    public BreakerOptions PartitionBy<TMessage>(Func<TMessage, string?> key) where TMessage : class
    {
        ArgumentNullException.ThrowIfNull(key);
        KeySelectors.Add(key);
        return this;
    }

    /// <summary>Splits the breaker by a header of the message; see <see cref="PartitionBy{TMessage}"/>.</summary>
    /// <param name="header">The header's name.</param>
    public BreakerOptions PartitionByHeader(string header)
    {
        ArgumentException.ThrowIfNullOrEmpty(header);
        KeySelectors.AddHeader(header);
        return this;
    }

    /// <summary>
    /// Counts exceptions of this type (also derived or wrapped ones) as failures, and no others unless they are tracked too. Without any
    /// such rule every exception counts, because most clients throw several types, and a forgotten one would go unnoticed.
    /// </summary>
    /// <param name="predicate">
    /// Counts only exceptions for which it is true; null for all. Called only when a call or a handler fails. Must be thread-safe. If it
    /// throws, the result is false.
    /// </param>
    public BreakerOptions Track<TException>(Func<TException, bool>? predicate = null) where TException : Exception
    {
        Exceptions.Track(predicate);
        return this;
    }

    /// <summary>
    /// Does not count exceptions of this type (also derived or wrapped ones). They are a problem of the message, which goes its ordinary
    /// way at once. Takes precedence over <see cref="Track"/>.
    /// </summary>
    /// <param name="predicate">
    /// Ignores only exceptions for which it is true; null for all. Called only when a call or a handler fails. Must be thread-safe. If it
    /// throws, the result is false.
    /// </param>
    public BreakerOptions Ignore<TException>(Func<TException, bool>? predicate = null) where TException : Exception
    {
        Exceptions.Ignore(predicate);
        return this;
    }

    /// <summary>
    /// One exception of this type trips the breaker. HTTP 429 and 503 with Retry-After, and the exception of another circuit breaker that
    /// is open, do so without a rule.
    /// </summary>
    /// <param name="minimumBreak">
    /// Reads the minimum length of the break from the exception. If it is null or returns null, the break has its usual length. If it
    /// throws, nothing trips.
    /// </param>
    public BreakerOptions TripImmediately<TException>(Func<TException, TimeSpan?>? minimumBreak = null) where TException : Exception
    {
        Exceptions.TripImmediately(minimumBreak);
        return this;
    }

    /// <summary>
    /// Asks the dependency itself, every 1 to 1.5 s while the breaker is open, so that a long break does not outlast the outage. A yes ends
    /// the break: the breaker becomes half-open, and messages decide as usual. A no, an exception or no answer changes nothing. In a fleet,
    /// only the instance that holds the lease asks. A break that the dependency (Retry-After) or an operator demanded is not ended early.
    /// If messages fail after a yes, the next break lasts at least <see cref="BreakDuration"/>. If it is called several times, the last
    /// call applies.
    /// </summary>
    /// <param name="probe">
    /// Whether the dependency works. It gets the services of its own scope, and is never called while a call is in progress.
    /// </param>
    /// <param name="timeLimit">How long an answer may take; null for 2 s. A later answer is a no.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not positive.</exception>
    public BreakerOptions ProbeWith(Func<IServiceProvider, CancellationToken, Task<bool>> probe, TimeSpan? timeLimit = null)
    {
        ArgumentNullException.ThrowIfNull(probe);
        var limit = timeLimit ?? TimeSpan.FromSeconds(2);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, nameof(timeLimit));
        ActiveProbe = new ActiveProbe(probe, limit);
        return this;
    }

    /// <inheritdoc cref="ProbeWith(Func{IServiceProvider, CancellationToken, Task{bool}}, TimeSpan?)"/>
    /// <typeparam name="THealthCheck">
    /// The health check of the dependency, from the container or created with its services. Degraded is a yes.
    /// </typeparam>
    public BreakerOptions ProbeWith<THealthCheck>(TimeSpan? timeLimit = null) where THealthCheck : class, IHealthCheck =>
        ProbeWith(HealthCheckProbe<THealthCheck>.AskAsync, timeLimit);

    /// <inheritdoc cref="ProbeWith(Func{IServiceProvider, CancellationToken, Task{bool}}, TimeSpan?)"/>
    /// <param name="address">Absolute, http or https. A GET that is answered with a 2xx status is a yes; a redirect is a no.</param>
    /// <param name="headers">Sets the headers of each request, such as an authorization; null for none.</param>
    /// <param name="timeLimit">How long an answer may take; null for 2 s. A later answer is a no.</param>
    /// <exception cref="ArgumentException">The address is not absolute, or neither http nor https.</exception>
    public BreakerOptions ProbeWith(Uri address, Action<HttpRequestHeaders>? headers = null, TimeSpan? timeLimit = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
            throw new ArgumentException(
                "The address of a probe must begin with http:// or https://, as in http://payments:8080/health; this one is not shown, because it may contain a password.",
                nameof(address));
        var probe = new HttpProbe(address, headers);
        return ProbeWith((_, cancellationToken) => probe.AskAsync(cancellationToken), timeLimit);
    }
}
