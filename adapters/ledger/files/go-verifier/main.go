// Checks a log of ours with Go's own implementation of notes, tiles and proofs (golang.org/x/mod/sumdb), which shares no
// code with it. Usage: go-verifier FOLDER VERIFIER-KEY PROOFS.json
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// What the TypeScript side proves; hashes are base64.
type proofs struct {
	Inclusion []struct {
		Index, Size int64
		Leaf, Root  string
		Path        []string
	}
	Consistency []struct {
		OldSize, NewSize int64
		OldRoot, NewRoot string
		Path             []string
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func readHash(text string) (hash tlog.Hash) {
	bytes, err := base64.StdEncoding.DecodeString(text)
	check(err)
	if len(bytes) != len(hash) {
		check(fmt.Errorf("a hash has %d bytes", len(bytes)))
	}
	copy(hash[:], bytes)
	return hash
}

func readPath(path []string) []tlog.Hash {
	hashes := make([]tlog.Hash, len(path))
	for i, text := range path {
		hashes[i] = readHash(text)
	}
	return hashes
}

// tilePath is the C2SP name of a tile; Go's own has the height in front.
func tilePath(tile tlog.Tile) string {
	parts := strings.Split(tile.Path(), "/")
	return filepath.Join(append([]string{"tile"}, parts[2:]...)...)
}

type folder struct{ dir string }

func (f folder) Height() int { return 8 }
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		bytes, err := os.ReadFile(filepath.Join(f.dir, tilePath(tile)))
		if err != nil {
			return nil, err
		}
		data[i] = bytes
	}
	return data, nil
}
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func readEntries(dir string, size int64) (entries [][]byte) {
	for index := int64(0); index*256 < size; index++ {
		width := min(256, size-index*256)
		path := tilePath(tlog.Tile{H: 8, L: 0, N: index, W: int(width)})
		bytes, err := os.ReadFile(filepath.Join(dir, strings.Replace(path, "tile/0/", "tile/entries/", 1)))
		check(err)
		for len(bytes) > 0 {
			end := 2 + int(binary.BigEndian.Uint16(bytes))
			entries = append(entries, bytes[2:end])
			bytes = bytes[end:]
		}
	}
	return entries
}

func main() {
	dir := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	message, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	check(err)
	opened, err := note.Open(message, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	tree := tlog.Tree{N: size, Hash: readHash(lines[2])}
	entries := readEntries(dir, size)
	if int64(len(entries)) != size {
		check(fmt.Errorf("%d entries, the checkpoint says %d", len(entries), size))
	}
	// TileHashReader checks every tile that it reads against the tree's hash.
	reader := tlog.TileHashReader(tree, folder{dir})
	// One entry of each tile at least; a prime step, so that every place within a tile is tried.
	for index := 0; index < len(entries); index += 17 {
		entry := entries[index]
		proof, err := tlog.ProveRecord(size, int64(index), reader)
		check(err)
		check(tlog.CheckRecord(proof, size, tree.Hash, int64(index), tlog.RecordHash(entry)))
	}
	var ours proofs
	text, err := os.ReadFile(os.Args[3])
	check(err)
	check(json.Unmarshal(text, &ours))
	for _, one := range ours.Inclusion {
		check(tlog.CheckRecord(readPath(one.Path), one.Size, readHash(one.Root), one.Index, readHash(one.Leaf)))
	}
	for _, one := range ours.Consistency {
		check(tlog.CheckTree(readPath(one.Path), one.NewSize, readHash(one.NewRoot), one.OldSize, readHash(one.OldRoot)))
	}
	fmt.Printf("%d entries, %d inclusion proofs, %d consistency proofs\n", size, len(ours.Inclusion), len(ours.Consistency))
}
