using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Diagnostics;

/// <summary>Everything the library logs. Event ids are stable.</summary>
static partial class Log
{
    public const string Category = "Messaging.Breaker";

    /// <summary>The library's log, which survives providers that throw or block.</summary>
    public static ILogger CreateLog(this ILoggerFactory loggers, string category = Category) => new SafeLog(loggers.CreateLogger(category), ListenerThread.Of(loggers));

    [LoggerMessage(17, LogLevel.Information, "Window {Window} of {Subject} begins at {Start:u} and ends at {End:u}: {Reason}")]
    public static partial void WindowAnnounced(this ILogger log, string window, string subject, DateTimeOffset start, DateTimeOffset end, string reason);

    [LoggerMessage(18, LogLevel.Information, "Window {Window} of {Subject} has begun and ends at {End:u}: {Reason}{Detail}")]
    public static partial void WindowBegan(this ILogger log, string window, string subject, DateTimeOffset end, string reason, string detail);

    [LoggerMessage(19, LogLevel.Information, "Window {Window} of {Subject} is over")]
    public static partial void WindowEnded(this ILogger log, string window, string subject);

    [LoggerMessage(20, LogLevel.Information, "Window {Window} of {Subject} was planned from {Start:u} to {End:u} by {By}: {Reason}")]
    public static partial void WindowPlanned(this ILogger log, string window, string subject, DateTimeOffset start, DateTimeOffset end, string by, string reason);

    [LoggerMessage(21, LogLevel.Information, "Window {Window} was removed by {By}")]
    public static partial void WindowRemoved(this ILogger log, string window, string by);

    [LoggerMessage(22, LogLevel.Warning, "Window {Window} names {Subject}, which this instance does not have: another instance has to act. If no instance has it, the window has no effect")]
    public static partial void WindowAimless(this ILogger log, string window, string subject);

    [LoggerMessage(23, LogLevel.Debug, "Due windows are postponed, or could not be recorded ({Problem}); trying again")]
    public static partial void WindowsPutOff(this ILogger log, string problem);

    [LoggerMessage(24, LogLevel.Error, "The windows in the changed configuration are invalid and were not applied: {Problem}")]
    public static partial void WindowsRefused(this ILogger log, string problem);

    [LoggerMessage(1, LogLevel.Error, "Breaker {Breaker}: the changed configuration is invalid and was not applied: {Problem}")]
    public static partial void ReloadRefused(this ILogger log, string breaker, string problem);

    [LoggerMessage(2, LogLevel.Debug, "Endpoint {Endpoint} is {State}{Limit}: {Reason}")]
    public static partial void EndpointMoved(this ILogger log, string endpoint, Enum state, string limit, string reason);

    [LoggerMessage(3, LogLevel.Information, "Endpoint {Endpoint} is held by {Holder}{Until}: {Reason}")]
    public static partial void EndpointHeld(this ILogger log, string endpoint, string holder, string until, string reason);

    [LoggerMessage(4, LogLevel.Information, "Endpoint {Endpoint} is no longer held by {Holder}: {Reason}")]
    public static partial void EndpointReleased(this ILogger log, string endpoint, string holder, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Endpoint {Endpoint} cannot be {Wanted} yet ({Problem}); trying again in {Delay}")]
    public static partial void EndpointStuck(this ILogger log, string endpoint, Enum wanted, string problem, TimeSpan delay);

    [LoggerMessage(6, LogLevel.Information, "Breaker {Breaker} guards no endpoint: use [GuardedBy] or UseBreaker, and UseMessagingBreaker on the bus")]
    public static partial void GuardsNothing(this ILogger log, string breaker);

    [LoggerMessage(7, LogLevel.Warning, "Endpoint {Endpoint} has handlers that did not end within {Limit} after it was paused: cancelling their tokens and returning their messages")]
    public static partial void EndpointNotDrained(this ILogger log, string endpoint, TimeSpan limit);

    [LoggerMessage(8, LogLevel.Warning, "Queue {Queue}: a message could not be published again to the end of the queue and is returned to its place: {Problem}")]
    public static partial void RenewalFailed(this ILogger log, string queue, string problem);

    [LoggerMessage(9, LogLevel.Warning, "Breaker {Breaker} is held open by one message alone: {MessageId} of endpoint {Endpoint} has failed in {Rounds} rounds of probes, and there is no other message to probe with. Remove it, or set MaxProbeFailures")]
    public static partial void HeldOpenByOne(this ILogger log, string breaker, Guid messageId, string endpoint, int rounds);

    [LoggerMessage(15, LogLevel.Debug, "Breaker {Breaker}: the active probe threw {Problem}")]
    public static partial void ProbeFailed(this ILogger log, string breaker, string problem);

    [LoggerMessage(14, LogLevel.Warning, "Endpoint {Endpoint} is guarded, but: {Warning}")]
    public static partial void EndpointWarning(this ILogger log, string endpoint, string warning);

    [LoggerMessage(11, LogLevel.Warning, "UseMessagingBreaker(context) was not called on any bus of this host, so no endpoint is paused while a breaker is open: {Breakers} only guard calls")]
    public static partial void NoBusIsGuarded(this ILogger log, string breakers);

    [LoggerMessage(12, LogLevel.Error, "Breaker {Breaker}: {Listener} threw when it was notified of a transition; it will still be notified of the next one: {Problem}")]
    public static partial void ListenerFailed(this ILogger log, string breaker, string listener, string problem);

    [LoggerMessage(13, LogLevel.Error, "Breaker {Breaker}: the rule {Rule} threw {Problem}. A rule that throws does not apply. Logged once for each rule")]
    public static partial void RuleFailed(this ILogger log, string breaker, string rule, string problem);

    [LoggerMessage(30, LogLevel.Warning, "The fleet's store is out of reach ({Problem}): each breaker of this instance continues on its own")]
    public static partial void FleetLost(this ILogger log, string problem);

    [LoggerMessage(31, LogLevel.Information, "The fleet's store is back: {Instance} shares its breakers again")]
    public static partial void FleetFound(this ILogger log, string instance);

    [LoggerMessage(32, LogLevel.Warning, "The fleet's store did not answer within {Patience}: this instance starts without knowing whether a breaker is open or an endpoint is held")]
    public static partial void FleetUnknown(this ILogger log, TimeSpan patience);

    [LoggerMessage(33, LogLevel.Debug, "The fleet {Fleet} has no connection to RabbitMQ at {Address}: {Problem}")]
    public static partial void FleetDisconnected(this ILogger log, string fleet, string address, string problem);

    [LoggerMessage(34, LogLevel.Debug, "The fleet {Fleet} has a connection to RabbitMQ at {Address}")]
    public static partial void FleetConnected(this ILogger log, string fleet, string address);

    [LoggerMessage(35, LogLevel.Information, "This instance keeps the state of {Count} breakers for the fleet {Fleet}")]
    public static partial void BecameCoordinator(this ILogger log, string fleet, int count);

    [LoggerMessage(36, LogLevel.Warning, "A message of {Queue} cannot be read and is skipped; another version of the library may have written it: {Problem}")]
    public static partial void SharedMessageUnreadable(this ILogger log, string queue, string problem);

    [LoggerMessage(37, LogLevel.Warning, "Breaker {Breaker}: its state in the fleet's store is not credible ({Problem}) and is skipped; the other breakers are shared as usual")]
    public static partial void SharedStateDoubted(this ILogger log, string breaker, string problem);

    [LoggerMessage(38, LogLevel.Warning, "Breaker {Breaker}: the fleet's store keeps refusing what this instance decided. The breaker continues on its own, and retries the store from time to time")]
    public static partial void StoreRefuses(this ILogger log, string breaker);

    [LoggerMessage(39, LogLevel.Information, "Breaker {Breaker}: the fleet's store accepts this instance's decisions again")]
    public static partial void StoreAccepts(this ILogger log, string breaker);

    [LoggerMessage(28, LogLevel.Warning, "Endpoint {Endpoint}: the fleet's store is out of reach, so the endpoint is {What} on this instance only; the fleet will be told when the store is back")]
    public static partial void HoldUntold(this ILogger log, string endpoint, string what);

    [LoggerMessage(29, LogLevel.Information, "Endpoint {Endpoint}: {Holder} holds it, which was not known when it was {What} here. It stays held; to end the hold, resume it again")]
    public static partial void HoldOverruled(this ILogger log, string endpoint, string holder, string what);

    [LoggerMessage(40, LogLevel.Warning, "Queues at {Broker} cannot be read ({Problem}); their last figures will be dropped; trying again")]
    public static partial void QueuesUnreadable(this ILogger log, string broker, string problem);

    [LoggerMessage(49, LogLevel.Warning, "Queue {Queue} counts deliveries, and its limit is unknown, because a policy may set one. So the second return of a message puts it at the end of the queue, before the broker can drop it. Set QueueDepth:ManagementAddress, or AssumedDeliveryLimit in UseMessagingBreaker; or use RabbitMQ 4.3, where returns do not count")]
    public static partial void DeliveryLimitUnknown(this ILogger log, string queue);

    [LoggerMessage(41, LogLevel.Information, "Queues at {Broker} can be read again")]
    public static partial void QueuesReadAgain(this ILogger log, string broker);

    [LoggerMessage(42, LogLevel.Warning, "Queue {Queue} cannot be read and is not watched: {Problem}")]
    public static partial void QueueUnreadable(this ILogger log, string queue, string problem);

    [LoggerMessage(43, LogLevel.Warning, "Queue {Queue} is not watched: this version of MassTransit does not report the address of its broker. Set QueueDepth:BrokerAddress")]
    public static partial void QueueUnwatched(this ILogger log, string queue);

    [LoggerMessage(44, LogLevel.Warning, "The management API at {Host} does not answer ({Problem}); queues are watched without it")]
    public static partial void ManagementSilent(this ILogger log, string host, string problem);

    [LoggerMessage(45, LogLevel.Information, "The management API at {Host} answers again")]
    public static partial void ManagementAnswersAgain(this ILogger log, string host);

    [LoggerMessage(EventId = 46, Message = "Alert {Key} ({Severity}): {Text}")]
    public static partial void AlertRaised(this ILogger log, LogLevel level, string key, Enum severity, string text);

    [LoggerMessage(48, LogLevel.Warning, "An alert could not be delivered by {Sink}: {Problem}")]
    public static partial void AlertNotDelivered(this ILogger log, string sink, string problem);

    [LoggerMessage(60, LogLevel.Warning, "Breaker {Breaker}: a key selector threw, so its messages have no key and belong to the breaker of the whole: {Problem}. Logged once")]
    public static partial void KeySelectorFailed(this ILogger log, string breaker, string problem);

    [LoggerMessage(61, LogLevel.Warning, "Breaker {Breaker}: more than {Most} keys are failing or in use, so the messages of further keys belong to the breaker of the whole. Raise MaxKeys, or choose a key with fewer values")]
    public static partial void TooManyKeys(this ILogger log, string breaker, int most);

    [LoggerMessage(62, LogLevel.Information, "Endpoint {Endpoint}: the messages of key {Key} wait in queue {Queue}")]
    public static partial void KeyParked(this ILogger log, string endpoint, string key, string queue);

    [LoggerMessage(63, LogLevel.Information, "Endpoint {Endpoint}: the queue of key {Key} is empty and deleted")]
    public static partial void KeyUnparked(this ILogger log, string endpoint, string key);

    [LoggerMessage(64, LogLevel.Warning, "Endpoint {Endpoint}: messages of key {Key} cannot be moved to a queue of their own and wait in this process: {Problem}")]
    public static partial void KeyNotParked(this ILogger log, string endpoint, string key, string problem);

    [LoggerMessage(65, LogLevel.Error, "Endpoint {Endpoint}: somebody else deleted queue {Queue} of key {Key}, with the messages that waited in it")]
    public static partial void KeyQueueDeleted(this ILogger log, string endpoint, string queue, string key);

    [LoggerMessage(66, LogLevel.Warning, "Endpoint {Endpoint}: the register of its keys cannot be read ({Problem}); messages in the queues of keys are found when the register can be read, or when their keys fail again")]
    public static partial void KeyRegisterUnreadable(this ILogger log, string endpoint, string problem);

    [LoggerMessage(67, LogLevel.Warning, "Endpoint {Endpoint}: the queue of key {Key} cannot be served now ({Problem}); trying again in {Delay}")]
    public static partial void KeyQueueStuck(this ILogger log, string endpoint, string key, string problem, TimeSpan delay);

    [LoggerMessage(68, LogLevel.Warning, "Endpoint {Endpoint}: {Count} messages left queue {Queue} while its key {Key} was open: the queue was purged, another consumer took them, or they expired")]
    public static partial void KeyMessagesGone(this ILogger log, string endpoint, long count, string queue, string key);

    [LoggerMessage(69, LogLevel.Warning, "Endpoint {Endpoint}: the broker has forgotten queue {Queue} of key {Key}, which was declared shortly before it crashed; {Restored} messages were put there again from their copies")]
    public static partial void KeyQueueForgotten(this ILogger log, string endpoint, string queue, string key, int restored);

    [LoggerMessage(59, LogLevel.Warning, "Endpoint {Endpoint}: queue {Queue}, which has copies of what the broker may have forgotten of the queues of keys, cannot be read now ({Problem}); its messages stay there for ten minutes, and it is read again at the endpoint's next start")]
    public static partial void KeyCopiesUnread(this ILogger log, string endpoint, string queue, string problem);

    [LoggerMessage(50, LogLevel.Information, "{Action} of queue {Queue} begins, ordered by {By}: {Reason}")]
    public static partial void DeadLetterRunBegan(this ILogger log, Enum action, string queue, string by, string reason);

    [LoggerMessage(51, LogLevel.Information, "Redrive of queue {Queue} waits: {Detail}")]
    public static partial void RedrivePaused(this ILogger log, string queue, string detail);

    [LoggerMessage(52, LogLevel.Information, "Redrive of queue {Queue} continues")]
    public static partial void RedriveGoesOn(this ILogger log, string queue);

    [LoggerMessage(EventId = 53, Message = "{Action} of queue {Queue} has ended, {State}: {Moved} messages moved, {FailedAgain} failed again{Detail}")]
    public static partial void DeadLetterRunEnded(
        this ILogger log, LogLevel level, Enum action, string queue, Enum state, long moved, long failedAgain, string detail);

    [LoggerMessage(54, LogLevel.Warning, "The ledger of dead letters cannot be written to the fleet's store ({Problem}): this instance lists its own until it can")]
    public static partial void LedgerUnwritten(this ILogger log, string problem);

    [LoggerMessage(55, LogLevel.Information, "The ledger of dead letters can be written to the fleet's store again")]
    public static partial void LedgerWritten(this ILogger log);

    // The fields are for searching; the summary says the same in words.
#pragma warning disable SYSLIB1015
    [LoggerMessage(16, LogLevel.Information, "Outage of breaker {Breaker}: {Summary}")]
    public static partial void OutageEnded(
        this ILogger log, string breaker, string summary, DateTimeOffset began, DateTimeOffset ended, int reopens, long calls, long? delayed, long callsSpared, TimeSpan? drainedIn);

    [LoggerMessage(47, LogLevel.Information, "Alert {Key} is over after {Duration}{Cost}")]
    public static partial void AlertCleared(
        this ILogger log, string key, TimeSpan duration, string cost, DateTimeOffset? began, int? reopens, long? messagesDelayed, long? callsSpared);
#pragma warning restore SYSLIB1015

    [LoggerMessage(EventId = 10, Message = "Breaker {Breaker}{Mode}: {From} -> {To}: {Reason}{NextProbe}")]
    public static partial void Transition(
        this ILogger log, LogLevel level, string breaker, string mode, BreakerState from, BreakerState to, string reason, string nextProbe);
}
