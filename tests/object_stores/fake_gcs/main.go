// A Cloud Storage for tests: fake-gcs-server in memory, on a free port, which ends with its standard input.
//
// Beside the JSON API, which that server has, it answers what delta-rs asks of the XML API. It prints its address, then
// on standard error a line for each request, and refuses requests for a while when it is told to.
package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/fsouza/fake-gcs-server/fakestorage"
)

// What is answered with a status instead of being done: requests of these methods, with this in their URI.
type refusal struct {
	status  int
	methods []string
	part    string
}

var refused atomic.Pointer[refusal]

func main() {
	log.SetFlags(0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	host := listener.Addr().String()
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{
		NoListener: true, Scheme: "http", PublicHost: host, ExternalURL: "http://" + host,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(host)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	log.Fatal(http.Serve(listener, logged(refusing(withXML(server.HTTPHandler())))))
}

type answer struct {
	http.ResponseWriter
	method string
	uri    string
	begun  bool
}

// Before the client knows: what it asks next is in the log behind this.
func (a *answer) WriteHeader(status int) {
	if !a.begun {
		log.Printf("request %s %d %s", a.method, status, a.uri)
	}
	a.begun = true
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(body []byte) (int, error) {
	if !a.begun {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(body)
}

func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_refuse" {
			refuse(r.URL.Query())
			return
		}
		next.ServeHTTP(&answer{w, r.Method, r.RequestURI, false}, r)
	})
}

func refuse(told url.Values) {
	status, _ := strconv.Atoi(told.Get("status"))
	if status == 0 {
		refused.Store(nil)
		return
	}
	refused.Store(&refusal{status, told["method"], told.Get("part")})
}

func refusing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := refused.Load()
		if now == nil || !slices.Contains(now.methods, r.Method) || !strings.Contains(r.RequestURI, now.part) {
			next.ServeHTTP(w, r)
			return
		}
		io.Copy(io.Discard, r.Body)
		reason := map[int]string{401: "authError", 403: "forbidden", 503: "backendError"}[now.status]
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(now.status)
		fmt.Fprintf(w, `{"error": {"code": %d, "message": "refused", "errors": [{"domain": "global", "reason": %q}]}}`,
			now.status, reason)
	})
}

func withXML(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bucket, object := bucketAndObject(r.URL)
		switch {
		case bucket == "" || r.URL.Query().Has("uploadId") || r.URL.Query().Has("uploads"):
			next.ServeHTTP(w, r)
		case r.Method == http.MethodPut && object != "":
			put(next, w, r, bucket, object)
		case r.Method == http.MethodGet && object == "":
			list(next, w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// Of a URL of the XML API; both empty for one of the JSON API.
func bucketAndObject(u *url.URL) (string, string) {
	bucket, object, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if slices.Contains([]string{"storage", "upload", "download", "batch", "_internal"}, bucket) {
		return "", ""
	}
	return bucket, object
}

// fake-gcs-server knows uploads of the JSON API alone, and no condition in a header.
func put(next http.Handler, w http.ResponseWriter, r *http.Request, bucket, object string) {
	query := url.Values{"uploadType": {"media"}, "name": {object}}
	if generation := r.Header.Get("x-goog-if-generation-match"); generation != "" {
		query.Set("ifGenerationMatch", generation)
	}
	upload := r.Clone(r.Context())
	upload.Method = http.MethodPost
	upload.URL = &url.URL{Path: "/upload/storage/v1/b/" + bucket + "/o", RawQuery: query.Encode()}
	made := httptest.NewRecorder()
	next.ServeHTTP(made, upload)
	var found struct{ Etag, Generation string }
	if made.Code == http.StatusOK && json.Unmarshal(made.Body.Bytes(), &found) == nil {
		w.Header().Set("ETag", strconv.Quote(found.Etag))
		w.Header().Set("x-goog-generation", found.Generation)
	}
	w.WriteHeader(made.Code)
}

// fake-gcs-server lists from the first object on, whatever is asked, and takes a bucket that is not there for a fault.
func list(next http.Handler, w http.ResponseWriter, r *http.Request) {
	made := httptest.NewRecorder()
	next.ServeHTTP(made, r)
	var found fakestorage.ListBucketResult
	if made.Code != http.StatusOK || xml.Unmarshal(made.Body.Bytes(), &found) != nil {
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, "<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist.</Message></Error>")
		return
	}
	after := r.URL.Query().Get("start-after")
	found.Contents = slices.DeleteFunc(found.Contents, func(c fakestorage.Contents) bool { return c.Key <= after })
	w.Header().Set("Content-Type", "application/xml")
	io.WriteString(w, xml.Header)
	xml.NewEncoder(w).Encode(found)
}
