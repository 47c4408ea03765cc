using Messaging.Breaker.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Windows;

/// <summary>How windows are logged.</summary>
static class WindowLog
{
    public static void Window(this ILogger log, WindowNews news)
    {
        var (window, subject) = (news.Window, SubjectOf(news.Window));
        if (news.Event == WindowEvent.Announced)
            log.WindowAnnounced(window.Name, subject, window.Start, window.End, window.Reason);
        else if (news.Event == WindowEvent.Began)
            log.WindowBegan(window.Name, subject, window.End, window.Reason, news.Detail.Length > 0 ? $" ({news.Detail})" : "");
        else
            log.WindowEnded(window.Name, subject);
    }

    public static void WindowPlanned(this ILogger log, PlannedWindow window) =>
        log.WindowPlanned(window.Name, SubjectOf(window), window.Start, window.End, window.By ?? "an operator", window.Reason);

    static string SubjectOf(PlannedWindow window) => window.Breaker is { } breaker ? $"breaker {breaker}" : $"endpoint {window.Endpoint}";
}
