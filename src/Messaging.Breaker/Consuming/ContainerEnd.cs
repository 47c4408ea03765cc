namespace Messaging.Breaker.Consuming;

/// <summary>
/// The container is disposed of while messages still arrive, as when a host ends whose start failed: its bus was never asked to stop. No
/// message and no dependency is to blame for that.
/// </summary>
static class ContainerEnd
{
    public static bool IsCauseOf(Exception exception) =>
        exception.GetBaseException() is ObjectDisposedException { ObjectName: nameof(IServiceProvider) };
}
