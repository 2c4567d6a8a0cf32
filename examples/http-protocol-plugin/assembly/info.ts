// What this plugin is, for whoever loads it: a PluginInfo in JSON.

/** The plugin's name, which its events carry. */
export const NAME = 'http';

export const INFO = `{
  "name": "http",
  "version": "0.1.0",
  "description": "Sends HTTP requests",
  "protocols": ["http", "https"],
  "capabilities": ["http"],
  "fields": {
    "url": { "type": "string", "required": false, "description": "The whole URL, instead of target and resource" },
    "query": { "type": "map", "required": false, "description": "Query parameters, sorted and encoded; null leaves one out" },
    "body": { "type": "any", "required": false, "description": "A string goes out as text, all else as JSON" },
    "followRedirects": { "type": "bool", "required": false, "description": "false answers with the redirect itself" },
    "maxRedirects": { "type": "number", "required": false, "description": "More redirects than these are an error" }
  },
  "events": {
    "Sent": {
      "description": "A request is about to be sent",
      "fields": {
        "method": { "type": "string", "required": true, "description": "The method" },
        "url": { "type": "string", "required": true, "description": "The URL with its query" }
      }
    },
    "Received": {
      "description": "A response has come",
      "fields": {
        "status": { "type": "number", "required": true, "description": "Its status" },
        "duration_ms": { "type": "number", "required": true, "description": "Milliseconds from sending to the last byte" }
      }
    }
  }
}`;
