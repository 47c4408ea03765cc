namespace Messaging.Breaker.Telemetry;

/// <summary>Calls what belongs to others and is told only: loggers, meters, listeners of spans. What it throws changes nothing here.</summary>
static class Safely
{
    public static void Run(Action tell)
    {
        try
        {
            tell();
        }
        catch (Exception)
        {
            // Whoever only listens has no say in what becomes of a message.
        }
    }

    public static T? Get<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (Exception)
        {
            return default;
        }
    }
}
