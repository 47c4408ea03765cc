namespace Messaging.Breaker.Diagnostics;

/// <summary>Calls foreign code that is only notified: loggers, meters, span listeners. Its exceptions change nothing here.</summary>
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
            // A listener must not affect what happens to a message.
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
