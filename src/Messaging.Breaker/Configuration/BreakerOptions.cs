using System.Net.Http.Headers;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Partitions;
using Messaging.Breaker.Probing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Breaker;

/// <summary>
/// What one breaker tolerates and how it recovers. Set in code by <c>breakers.Add("payments", options =&gt; ...)</c> or in configuration
/// under <c>Breakers:payments</c>; where both set an option, configuration wins. Validated at start; a change of the configuration is
/// applied while running, without losing the state, and an invalid change is logged and not applied. Not thread-safe while being set;
/// read once and never written afterwards.
/// </summary>
public sealed class BreakerOptions
{
    /// <summary>
    /// The share of failures in the window, above 0 and up to 1, at which the breaker trips. Default 0.5: a dependency that fails every
    /// second call does more harm than good, while the few per cent of poison messages that every queue knows stay far below it.
    /// </summary>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>
    /// The ratios count only when the window holds at least this many outcomes. From 1; default 20: with fewer, a bad minute of three
    /// messages would be an outage. A queue too quiet to reach it is served by <see cref="ConsecutiveFailures"/>.
    /// </summary>
    public int MinimumThroughput { get; set; } = 20;

    /// <summary>
    /// So many failures or slow calls in a row trip the breaker, however many successes the window holds. From 1, null to turn the rule
    /// off; default 10: at 500 messages a second an outage is known after some twenty calls, and that ten messages in a row are each at
    /// fault by chance, at a poison rate of one in five, happens once in ten million.
    /// </summary>
    public int? ConsecutiveFailures { get; set; } = 10;

    /// <summary>
    /// The window reaches back at most this far. From 100 ms to 1 hour; default 10 s: longer than a hiccup, and short enough that a
    /// recovered dependency is not judged by its past.
    /// </summary>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The window holds at most about this many of the newest outcomes (to within a tenth). From <see cref="MinimumThroughput"/>;
    /// default 100: without this bound, 5,000 successes of the last ten seconds would have to be outweighed by 5,000 failures before
    /// a busy endpoint noticed that most of its calls fail.
    /// </summary>
    public int WindowCalls { get; set; } = 100;

    /// <summary>
    /// A call that takes longer is slow. Null (the default) for never: what is slow only the owner of the dependency knows. Needs
    /// <see cref="SlowCallRatio"/>. A probe that is slow counts as failed. A call that has not been answered after so long counts towards
    /// <see cref="ConsecutiveFailures"/> at once, and not only when it ends; where no calls are attributed, the handler stands for its call.
    /// </summary>
    public TimeSpan? SlowCallDuration { get; set; }

    /// <summary>
    /// The share of slow calls in the window, above 0 and up to 1, at which the breaker trips. Needs <see cref="SlowCallDuration"/>.
    /// Default null: off.
    /// </summary>
    public double? SlowCallRatio { get; set; }

    /// <summary>
    /// How long the first break lasts. From 10 ms to 1 day; default 5 s: a restart or a failover of the dependency is often over by
    /// then, and a message that waits five seconds in its queue is seldom missed.
    /// </summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The longest break. From <see cref="BreakDuration"/> to 1 day; default 60 s: in a long outage one round of probes a minute is
    /// little for a dependency that is coming up, and a minute is the most that its users wait beyond the outage. It comes to that only after
    /// ten minutes: no break is longer than a tenth of the outage so far, unless <see cref="BreakDuration"/> is. A longer break that the
    /// dependency itself asked for (Retry-After) is honoured.
    /// </summary>
    public TimeSpan MaxBreakDuration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// By how much the break grows with each reopen. From 1 (no growth) to 10; default 2. The n-th break is drawn evenly from between
    /// <see cref="BreakDuration"/> and min(<see cref="MaxBreakDuration"/>, <see cref="BreakDuration"/> x growth^n, a tenth of the outage so
    /// far): exponential backoff with full jitter ("Exponential Backoff And Jitter", M. Brooker, AWS Architecture Blog, 2015) above a floor,
    /// so that instances do not probe in step and none probes without a pause. An outage lasts from the trip to the close; with the
    /// defaults breaks grow after its first 50 seconds, and reach a minute after ten.
    /// </summary>
    public double BreakGrowth { get; set; } = 2;

    /// <summary>
    /// How many probes a round in HalfOpen has. From 1 to 1,000; default 3: one poison message among them can neither close nor reopen
    /// the breaker.
    /// </summary>
    public int Probes { get; set; } = 3;

    /// <summary>
    /// How many probes may run at once; on RabbitMQ also the prefetch of the consumer while half-open. From 1 to <see cref="Probes"/>;
    /// default null: as many as <see cref="Probes"/>.
    /// </summary>
    public int? ProbeConcurrency { get; set; }

    /// <summary>
    /// The share of <see cref="Probes"/>, above 0 and up to 1, that must succeed to close the breaker. Default 0.5, which is two of
    /// three. The breaker reopens as soon as that can no longer be reached.
    /// </summary>
    public double ProbeSuccessRatio { get; set; } = 0.5;

    /// <summary>
    /// A probe that hangs for longer counts as failed, and its permit is taken back. From 100 ms to 1 hour; default 30 s: more than the
    /// common client time-outs, so that a probe is normally ended by its own client.
    /// </summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether a dependency that has come back is spared the rush of all that has waited: after a close as many messages run at once as
    /// there were probes, twice as many each round up to ten (or half of what was healthy within the last hour), then up to half as many
    /// more; and no more while calls take longer by an eighth and 1 ms than is healthy. A failure halves, and growth ends below the load at
    /// which failures began, for a while. It ends when it has kept nobody waiting for <see cref="SamplingDuration"/>. Default true: what has
    /// waited is a rush that no dependency was built for.
    /// </summary>
    public bool Ramp { get; set; } = true;

    /// <summary>
    /// How long a pause waits for the handlers under way. Then their tokens are cancelled and their messages returned, so that a handler
    /// that hangs in a dead dependency does not keep the endpoint from probing it. From 100 ms to 1 hour; default 30 s, like
    /// <see cref="ProbeTimeout"/>. A handler that heeds no token is waited for nevertheless. Of several breakers on an endpoint the
    /// shortest holds. RabbitMQ only: elsewhere endpoints are not stopped.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a failing message may wait for its verdict in all, retests included; then it is returned to its queue. Keep it well below
    /// the broker's <c>consumer_timeout</c> (30 minutes by default), at which the broker takes the channel away. From 100 ms to 1 hour;
    /// default 5 minutes.
    /// </summary>
    public TimeSpan MaxHold { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether a failing message waits in its place until it is known whose fault it was, and is run again meanwhile. Default true. False for
    /// consumers that must not run twice for one failure: a failing message then goes its ordinary way at once, until the breaker opens. Each
    /// outage dead-letters the messages that trip the breaker, <see cref="ConsecutiveFailures"/> of them and those that fail at the same moment;
    /// once it is open, what fails is returned as ever.
    /// </summary>
    public bool WaitForVerdict { get; set; } = true;

    /// <summary>
    /// How long a failing message waits for the outcome of others before it is run once more itself, as on a quiet queue. Its third failure while
    /// nobody else gets through trips the breaker. Where others got through before, it goes on waiting, from the third time on twice as long each
    /// time, up to ten times this value. From 10 ms to 5 minutes; default 1 s.
    /// </summary>
    public TimeSpan RetestDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether messages never change places. By default (false) a message that failed as a probe is put behind the others before it is
    /// asked again, so that the next round judges the dependency by other messages and one poison message at the head of the queue cannot
    /// keep the breaker open. True for queues whose order matters more; then the delivery limit of a quorum queue is the only reason to
    /// move a message. A quorum queue itself does not keep the order of what goes back round after round; a classic queue does.
    /// </summary>
    public bool KeepOrder { get; set; }

    /// <summary>
    /// A message that has failed in so many rounds of probes goes its ordinary way (retry, <c>_error</c>) although nothing shows the
    /// dependency to work. From 1. Default null for never, since in a long outage every message would get there in the end; but with
    /// <see cref="KeepOrder"/>, where a poison message at the head would block its queue for ever, one goes after ten rounds in a row in which no
    /// other message was there to be asked. If that was a mistake, the next one fails as well, and stays twice as long. The breaker of a key
    /// (<see cref="PartitionBy{TMessage}"/>) lets none go for that.
    /// </summary>
    public int? MaxProbeFailures { get; set; }

    /// <summary>
    /// Whether a request (a message with RequestId and ResponseAddress) that the breaker does not admit is answered at once with a
    /// <c>Fault</c> that carries <see cref="BreakerOpenException"/>, and leaves the queue. Default false: it waits in the queue like any
    /// other message, and its requester for it or until his time-out. An endpoint whose breakers all have it is never paused by them,
    /// since a paused endpoint answers nobody; so give requests an endpoint of their own. Other messages that arrive there are held in
    /// process until they are admitted.
    /// </summary>
    public bool FailFastRequests { get; set; }

    /// <summary>
    /// Of a breaker with <see cref="PartitionBy{TMessage}"/>, how many keys are remembered at most. From 10 to 10,000,000; default 10,000. Of more than
    /// that those are forgotten that were used least recently; never one that is open, or has messages waiting.
    /// </summary>
    public int MaxKeys { get; set; } = 10_000;

    /// <summary>
    /// Of a breaker with <see cref="PartitionBy{TMessage}"/>, how many keys of an endpoint may have a queue of their own at once. From 1 to 10,000;
    /// default 200. When one more is needed, the breaker of the whole opens instead.
    /// </summary>
    public int MaxParked { get; set; } = 200;

    /// <summary>
    /// Of a breaker with <see cref="PartitionBy{TMessage}"/>, the share of the endpoint's places (its concurrent messages) that one key may take
    /// while others are in use, above 0 and up to 1; a quarter of that while all keys together take more. What comes beyond it, and gets no place
    /// within 100 ms, goes to the queue of its key. Default 0.5: keys that hang leave the other half to the rest until their breakers open.
    /// </summary>
    public double KeyShare { get; set; } = 0.5;

    /// <summary>
    /// The mode in which the breaker starts; a change in configuration is applied while running. Default
    /// <see cref="BreakerMode.Enforcing"/>.
    /// </summary>
    public BreakerMode Mode { get; set; } = BreakerMode.Enforcing;

    internal ExceptionRules Exceptions { get; } = new();

    internal ActiveProbe? ActiveProbe { get; private set; }

    internal KeySelectors KeySelectors { get; } = new();

    /// <summary>
    /// Splits the breaker by a key of the message, such as a customer, a tenant or a shard: the outage of one key is that key's, and the others are
    /// served. May be called for several message types. A message without a key belongs to the breaker of the whole, and so does one whose selector
    /// throws. Keys are compared with regard to case.
    /// </summary>
    /// <typeparam name="TMessage">The message type, or an interface of it.</typeparam>
    /// <param name="key">Reads the key; null or empty for none. Called once for each delivery; must be quick and thread-safe.</param>
    /// <remarks>
    /// Each key has a breaker of its own with the options of this one, but that its messages keep their order (<see cref="KeepOrder"/>), and that half as
    /// many failures in a row trip it (<see cref="ConsecutiveFailures"/>): a false alarm costs that key alone. Options
    /// of single keys may be set in configuration, under <c>Breakers:{name}:Partitions:{key}</c>. On RabbitMQ the messages of a key that is not closed
    /// wait in a queue of that key; elsewhere they are held in process. When at least five keys, and half of those in use, are open, this
    /// breaker opens and pauses the endpoint.
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
    /// Counts exceptions of this type (or derived, or wrapped in another) as failures, and no others unless they are tracked too.
    /// Without any such rule every exception counts, since most clients throw several types and a forgotten one would go unnoticed.
    /// </summary>
    /// <param name="predicate">Only those for which it is true; null for all. Called on the failing path only; must be thread-safe. One that throws counts as false.</param>
    public BreakerOptions Track<TException>(Func<TException, bool>? predicate = null) where TException : Exception
    {
        Exceptions.Track(predicate);
        return this;
    }

    /// <summary>
    /// Does not count exceptions of this type (or derived, or wrapped in another): they are the message's business, and go their
    /// ordinary way at once. Wins over <see cref="Track"/>.
    /// </summary>
    /// <param name="predicate">Only those for which it is true; null for all. Called on the failing path only; must be thread-safe. One that throws counts as false.</param>
    public BreakerOptions Ignore<TException>(Func<TException, bool>? predicate = null) where TException : Exception
    {
        Exceptions.Ignore(predicate);
        return this;
    }

    /// <summary>
    /// One exception of this type trips the breaker. HTTP 429 and 503 with Retry-After, and an exception of another circuit breaker
    /// that is open, do so without a rule.
    /// </summary>
    /// <param name="minimumBreak">Reads from the exception how long the break must last; null, or a result of null, for the options' break duration. One that throws trips nothing.</param>
    public BreakerOptions TripImmediately<TException>(Func<TException, TimeSpan?>? minimumBreak = null) where TException : Exception
    {
        Exceptions.TripImmediately(minimumBreak);
        return this;
    }

    /// <summary>
    /// Asks the dependency itself, every 1 to 1.5 s while the breaker is open, so that a long break does not outlast the outage. A yes ends
    /// the break: the breaker is half-open, and messages decide as ever. A no, an exception or no answer changes nothing. In a fleet only the
    /// instance that holds the lease asks. A break that the dependency demanded (Retry-After), or an operator, is not ended early; and after
    /// a yes that messages refuted the next break lasts for <see cref="BreakDuration"/> at least. Of several calls the last one holds.
    /// </summary>
    /// <param name="probe">Whether the dependency works. It gets the services of a scope of its own, and is never asked twice at once.</param>
    /// <param name="timeLimit">How long an answer may take; null for 2 s. Later ones are a no.</param>
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
    /// <typeparam name="THealthCheck">The health check of the dependency, from the container or made with its services. Degraded is a yes.</typeparam>
    public BreakerOptions ProbeWith<THealthCheck>(TimeSpan? timeLimit = null) where THealthCheck : class, IHealthCheck =>
        ProbeWith(HealthCheckProbe<THealthCheck>.AskAsync, timeLimit);

    /// <inheritdoc cref="ProbeWith(Func{IServiceProvider, CancellationToken, Task{bool}}, TimeSpan?)"/>
    /// <param name="address">Absolute, http or https. A GET that is answered by a status of 2xx is a yes; a redirect is a no.</param>
    /// <param name="headers">Sets the request's headers, each time anew, such as an authorization; null for none.</param>
    /// <param name="timeLimit">How long an answer may take; null for 2 s. Later ones are a no.</param>
    /// <exception cref="ArgumentException">The address is not an absolute one of http or https.</exception>
    public BreakerOptions ProbeWith(Uri address, Action<HttpRequestHeaders>? headers = null, TimeSpan? timeLimit = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
            throw new ArgumentException(
                "The address of a probe must begin with http:// or https://, as in http://payments:8080/health; this one is not repeated, since it may hold a password.",
                nameof(address));
        var probe = new HttpProbe(address, headers);
        return ProbeWith((_, cancellationToken) => probe.AskAsync(cancellationToken), timeLimit);
    }
}
