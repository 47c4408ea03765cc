using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Telemetry;

/// <summary>All that the library logs. Event ids are stable.</summary>
static partial class Log
{
    public const string Category = "Messaging.Breaker";

    /// <summary>The library's log, whatever its providers do.</summary>
    public static ILogger CreateLog(this ILoggerFactory loggers, string category = Category) => new SafeLog(loggers.CreateLogger(category), ListenerThread.Of(loggers));

    public static void Transition(this ILogger log, Transition transition) => log.Transition(
        transition.To is BreakerState.Open or BreakerState.Isolated ? LogLevel.Warning : LogLevel.Information,
        transition.Breaker,
        transition.Mode == BreakerMode.Enforcing ? "" : $" ({transition.Mode})",
        transition.From,
        transition.To,
        transition.Reason,
        transition.BreakDuration is { } length ? $"; next probe in {length.TotalSeconds:0.#} s" : "");

    [LoggerMessage(1, LogLevel.Error, "Breaker {Breaker}: the changed configuration is invalid and was not applied: {Problem}")]
    public static partial void ReloadRefused(this ILogger log, string breaker, string problem);

    [LoggerMessage(2, LogLevel.Debug, "Endpoint {Endpoint} is {State}{Limit}: {Reason}")]
    public static partial void EndpointMoved(this ILogger log, string endpoint, EndpointState state, string limit, string reason);

    [LoggerMessage(3, LogLevel.Information, "Endpoint {Endpoint} is held by {Holder}{Until}: {Reason}")]
    public static partial void EndpointHeld(this ILogger log, string endpoint, string holder, string until, string reason);

    [LoggerMessage(4, LogLevel.Information, "Endpoint {Endpoint} is no longer held by {Holder}: {Reason}")]
    public static partial void EndpointReleased(this ILogger log, string endpoint, string holder, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Endpoint {Endpoint} cannot be {Wanted} yet ({Problem}); trying again in {Delay}")]
    public static partial void EndpointStuck(this ILogger log, string endpoint, EndpointState wanted, string problem, TimeSpan delay);

    [LoggerMessage(6, LogLevel.Information, "Breaker {Breaker} guards no endpoint: use [GuardedBy] or UseBreaker, and UseMessagingBreaker on the bus")]
    public static partial void GuardsNothing(this ILogger log, string breaker);

    [LoggerMessage(7, LogLevel.Warning, "Endpoint {Endpoint} has handlers that did not end within {Limit} of its pause: cancelling their tokens and returning their messages")]
    public static partial void EndpointNotDrained(this ILogger log, string endpoint, TimeSpan limit);

    [LoggerMessage(8, LogLevel.Warning, "Queue {Queue}: a message could not be put to its end and is returned to its place: {Problem}")]
    public static partial void RenewalFailed(this ILogger log, string queue, string problem);

    [LoggerMessage(9, LogLevel.Warning, "Breaker {Breaker} is held open by one message alone: {MessageId} of endpoint {Endpoint} has failed in {Rounds} rounds of probes and no other message is there to ask. Remove it, or set MaxProbeFailures")]
    public static partial void HeldOpenByOne(this ILogger log, string breaker, Guid messageId, string endpoint, int rounds);

    [LoggerMessage(15, LogLevel.Debug, "Breaker {Breaker}: the active probe has thrown {Problem}")]
    public static partial void ProbeFailed(this ILogger log, string breaker, string problem);

    [LoggerMessage(14, LogLevel.Warning, "Endpoint {Endpoint} is guarded, but: {Warning}")]
    public static partial void EndpointWarning(this ILogger log, string endpoint, string warning);

    [LoggerMessage(11, LogLevel.Warning, "UseMessagingBreaker(context) was called on no bus of this host, so no endpoint is paused while a breaker is open: {Breakers} only guard calls")]
    public static partial void NoBusIsGuarded(this ILogger log, string breakers);

    [LoggerMessage(12, LogLevel.Error, "Breaker {Breaker}: {Listener} has thrown when it was told of a transition, and is told of the next all the same: {Problem}")]
    public static partial void ListenerFailed(this ILogger log, string breaker, string listener, string problem);

    [LoggerMessage(13, LogLevel.Error, "Breaker {Breaker}: the rule {Rule} has thrown {Problem}. A rule that throws does not apply; this is said once for each rule")]
    public static partial void RuleFailed(this ILogger log, string breaker, string rule, string problem);

    [LoggerMessage(30, LogLevel.Warning, "The fleet's store is lost ({Problem}): each breaker of this instance goes on by itself")]
    public static partial void FleetLost(this ILogger log, string problem);

    [LoggerMessage(31, LogLevel.Information, "The fleet's store is back: {Instance} shares its breakers again")]
    public static partial void FleetFound(this ILogger log, string instance);

    [LoggerMessage(32, LogLevel.Warning, "The fleet's store did not answer within {Patience}: this instance starts without knowing whether a breaker is open, or an endpoint held")]
    public static partial void FleetUnknown(this ILogger log, TimeSpan patience);

    [LoggerMessage(33, LogLevel.Debug, "The fleet {Fleet} has no connection to RabbitMQ at {Address}: {Problem}")]
    public static partial void FleetDisconnected(this ILogger log, string fleet, string address, string problem);

    [LoggerMessage(34, LogLevel.Debug, "The fleet {Fleet} has a connection to RabbitMQ at {Address}")]
    public static partial void FleetConnected(this ILogger log, string fleet, string address);

    [LoggerMessage(35, LogLevel.Information, "This instance keeps the state of {Count} breakers for the fleet {Fleet}")]
    public static partial void BecameClerk(this ILogger log, string fleet, int count);

    [LoggerMessage(36, LogLevel.Warning, "A message of {Queue} cannot be read and is passed over; another version of the library may have written it: {Problem}")]
    public static partial void SharedMessageUnreadable(this ILogger log, string queue, string problem);

    [LoggerMessage(37, LogLevel.Warning, "Breaker {Breaker}: what the fleet's store holds of it cannot be believed ({Problem}) and is passed over; the other breakers are shared as ever")]
    public static partial void SharedStateDoubted(this ILogger log, string breaker, string problem);

    [LoggerMessage(38, LogLevel.Warning, "Breaker {Breaker}: the fleet's store refuses what this instance decided, again and again. It goes on by itself, and tells the store from time to time")]
    public static partial void StoreRefuses(this ILogger log, string breaker);

    [LoggerMessage(39, LogLevel.Information, "Breaker {Breaker}: the fleet's store takes what this instance decides again")]
    public static partial void StoreAccepts(this ILogger log, string breaker);

    [LoggerMessage(28, LogLevel.Warning, "Endpoint {Endpoint}: the fleet's store is out of reach, so it is {What} on this instance only, and the fleet will be told when the store is back")]
    public static partial void HoldUntold(this ILogger log, string endpoint, string what);

    [LoggerMessage(29, LogLevel.Information, "Endpoint {Endpoint}: {Holder} holds it, which was not known when it was {What} here. It is held; resume it again if that is what is wanted")]
    public static partial void HoldOverruled(this ILogger log, string endpoint, string holder, string what);

    [LoggerMessage(40, LogLevel.Warning, "Queues at {Broker} cannot be read ({Problem}); what is known of them will be forgotten, and they are tried again")]
    public static partial void QueuesUnreadable(this ILogger log, string broker, string problem);

    [LoggerMessage(49, LogLevel.Warning, "Queue {Queue} counts deliveries, and what its limit is cannot be known: a policy may set one. So a message is put to the end of the queue with its second return, lest the broker drop it. Set QueueDepth:ManagementAddress, or AssumedDeliveryLimit in UseMessagingBreaker; or use RabbitMQ 4.3, where returns do not count")]
    public static partial void DeliveryLimitUnknown(this ILogger log, string queue);

    [LoggerMessage(41, LogLevel.Information, "Queues at {Broker} can be read again")]
    public static partial void QueuesReadAgain(this ILogger log, string broker);

    [LoggerMessage(42, LogLevel.Warning, "Queue {Queue} cannot be read and is not watched: {Problem}")]
    public static partial void QueueUnreadable(this ILogger log, string queue, string problem);

    [LoggerMessage(43, LogLevel.Warning, "Queue {Queue} is not watched: this version of MassTransit does not tell where its broker is. Set QueueDepth:BrokerAddress")]
    public static partial void QueueUnwatched(this ILogger log, string queue);

    [LoggerMessage(44, LogLevel.Warning, "The management API at {Host} does not answer ({Problem}); queues are watched without it")]
    public static partial void ManagementSilent(this ILogger log, string host, string problem);

    [LoggerMessage(45, LogLevel.Information, "The management API at {Host} answers again")]
    public static partial void ManagementAnswersAgain(this ILogger log, string host);

    [LoggerMessage(EventId = 46, Message = "Alert {Key} ({Severity}): {Text}")]
    public static partial void AlertRaised(this ILogger log, LogLevel level, string key, AlertSeverity severity, string text);

    [LoggerMessage(47, LogLevel.Information, "Alert {Key} is over after {Duration}")]
    public static partial void AlertCleared(this ILogger log, string key, TimeSpan duration);

    [LoggerMessage(48, LogLevel.Warning, "An alert could not be delivered by {Sink}: {Problem}")]
    public static partial void AlertNotDelivered(this ILogger log, string sink, string problem);

    [LoggerMessage(60, LogLevel.Warning, "Breaker {Breaker}: a key selector has thrown, and its messages belong to no key, but to the breaker of the whole: {Problem}. Said once")]
    public static partial void KeySelectorFailed(this ILogger log, string breaker, string problem);

    [LoggerMessage(61, LogLevel.Warning, "Breaker {Breaker}: more than {Most} keys are failing or in use, so the messages of further ones belong to the breaker of the whole. Raise MaxKeys, or choose a key with fewer values")]
    public static partial void TooManyKeys(this ILogger log, string breaker, int most);

    [LoggerMessage(62, LogLevel.Information, "Endpoint {Endpoint}: the messages of key {Key} wait in queue {Queue}")]
    public static partial void KeyParked(this ILogger log, string endpoint, string key, string queue);

    [LoggerMessage(63, LogLevel.Information, "Endpoint {Endpoint}: the queue of key {Key} is empty and deleted")]
    public static partial void KeyUnparked(this ILogger log, string endpoint, string key);

    [LoggerMessage(64, LogLevel.Warning, "Endpoint {Endpoint}: messages of key {Key} cannot be moved to a queue of their own and wait in this process: {Problem}. The user of the bus needs to configure, write and read {Names}")]
    public static partial void KeyNotParked(this ILogger log, string endpoint, string key, string problem, string names);

    [LoggerMessage(65, LogLevel.Error, "Endpoint {Endpoint}: queue {Queue} of key {Key} was deleted by somebody else, with what waited in it")]
    public static partial void KeyQueueDeleted(this ILogger log, string endpoint, string queue, string key);

    [LoggerMessage(66, LogLevel.Warning, "Endpoint {Endpoint}: the register of its keys cannot be read ({Problem}); what waits in queues of keys is found when they fail again, or when it can be read")]
    public static partial void KeyRegisterUnreadable(this ILogger log, string endpoint, string problem);

    [LoggerMessage(67, LogLevel.Warning, "Endpoint {Endpoint}: the queue of key {Key} cannot be served now ({Problem}); trying again in {Delay}")]
    public static partial void KeyQueueStuck(this ILogger log, string endpoint, string key, string problem, TimeSpan delay);

    [LoggerMessage(68, LogLevel.Warning, "Endpoint {Endpoint}: {Count} messages have left queue {Queue} while its key {Key} was open: somebody has purged it, or consumes from it, or they have expired")]
    public static partial void KeyMessagesGone(this ILogger log, string endpoint, long count, string queue, string key);

    public static void DeadLetterRunEnded(this ILogger log, DeadLetterRun run) => log.DeadLetterRunEnded(
        run.State == DeadLetterRunState.Stopped ? LogLevel.Warning : LogLevel.Information,
        run.Action, run.Queue, run.State, run.Moved, run.FailedAgain, run.Detail.Length > 0 ? $": {run.Detail}" : "");

    [LoggerMessage(50, LogLevel.Information, "{Action} of queue {Queue} begins, ordered by {By}: {Reason}")]
    public static partial void DeadLetterRunBegan(this ILogger log, DeadLetterAction action, string queue, string by, string reason);

    [LoggerMessage(51, LogLevel.Information, "Redrive of queue {Queue} waits: {Detail}")]
    public static partial void RedrivePaused(this ILogger log, string queue, string detail);

    [LoggerMessage(52, LogLevel.Information, "Redrive of queue {Queue} goes on")]
    public static partial void RedriveGoesOn(this ILogger log, string queue);

    [LoggerMessage(EventId = 53, Message = "{Action} of queue {Queue} has ended, {State}: {Moved} messages moved, {FailedAgain} failed again{Detail}")]
    static partial void DeadLetterRunEnded(
        this ILogger log, LogLevel level, DeadLetterAction action, string queue, DeadLetterRunState state, long moved, long failedAgain, string detail);

    [LoggerMessage(54, LogLevel.Warning, "The ledger of dead letters cannot be written to the fleet's store ({Problem}): this instance lists its own until it can")]
    public static partial void LedgerUnwritten(this ILogger log, string problem);

    [LoggerMessage(55, LogLevel.Information, "The ledger of dead letters can be written to the fleet's store again")]
    public static partial void LedgerWritten(this ILogger log);

    [LoggerMessage(EventId = 10, Message = "Breaker {Breaker}{Mode}: {From} -> {To}: {Reason}{NextProbe}")]
    static partial void Transition(
        this ILogger log, LogLevel level, string breaker, string mode, BreakerState from, BreakerState to, string reason, string nextProbe);
}
